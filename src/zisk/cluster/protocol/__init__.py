"""What travels between clients, coordinator and workers: messages, payloads and limits."""
