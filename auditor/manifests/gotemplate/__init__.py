"""Go's text/template for the templates of ApplicationSets: read here, run in bounds, with nothing to run."""
