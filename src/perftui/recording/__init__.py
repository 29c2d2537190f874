"""The only room where sources, analysis, budgets and storage meet."""
