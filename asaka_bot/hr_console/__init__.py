"""The pages of 職員課."""
