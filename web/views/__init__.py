"""What answers requests: pages, JSON, health, status."""
