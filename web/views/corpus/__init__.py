"""The routes of trends and of concordances, which `search.corpus` computes: as pages, JSON and CSV."""
