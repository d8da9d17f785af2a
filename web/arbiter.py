"""The process that starts the workers and tells them to end."""

from __future__ import annotations

import signal

import gunicorn.arbiter

STOPS = signal.SIGINT, signal.SIGQUIT, signal.SIGTERM
"""What tells a process to end."""


class Arbiter(gunicorn.arbiter.Arbiter):
    """Gunicorn's, made to lose no worker that is told to end while it begins."""

    def spawn_worker(self) -> int:
        """Start a worker; its process id. What tells it to end waits until it listens: it would be lost."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        try:
            pid: int = super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        return pid
