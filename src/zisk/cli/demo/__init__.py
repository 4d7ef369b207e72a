"""The parts of `zisk demo`: its processes, its story and the picture of its timeline."""
