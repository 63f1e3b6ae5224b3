"""Pipelines that were tried beside config.yml, and the parts they are made of."""
