"""What every engine answers, and how every engine's writer behaves."""
