"""Measures the engine on OpenSearch beside the embedded one."""
