"""Pages of pwa."""
