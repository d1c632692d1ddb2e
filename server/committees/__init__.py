"""The life of committees: founded, one or hundreds; renamed, archived, merged, split; their cells carried."""
