"""What all pages of the product share: style, icon, templates, and the reading of forms."""
