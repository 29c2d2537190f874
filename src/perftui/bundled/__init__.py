"""A demo workload with its profile and its budget, to try perftui on. The rest of perftui does not import it."""
