"""The chart: rendered, linted, compared with the Kubernetes schemas and with what it rendered to before; no cluster."""
