"""The routes: HTML pages, the JSON API, files to download, feeds, and health checks."""
