"""What the report for people shows, made ready for its templates: values, texts and coordinates, but no markup."""
