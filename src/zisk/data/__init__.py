"""The demo's guest and input: `sha-hasher.elf`, built in `examples/`, and `sha-hasher.input`."""
