"""Reports: what two sides of a comparison come to, as text, Markdown and one page of HTML. Nothing is computed here."""
