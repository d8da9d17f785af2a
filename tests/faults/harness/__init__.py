"""What makes runs fail: injected faults, hostile files, mounts, and readers beside them."""
