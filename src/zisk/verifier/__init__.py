"""What decides whether a job's proof holds: it needs NumPy alone, and imports nothing that proves."""
