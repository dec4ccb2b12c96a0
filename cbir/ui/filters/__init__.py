"""The filter bar: which pictures may be shown, beside the query."""
