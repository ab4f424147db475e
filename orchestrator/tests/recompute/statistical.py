"""Placeholder."""
def recompute_analysis(run, equal): pass
