"""The routes: HTML pages, JSON API, health and status."""
