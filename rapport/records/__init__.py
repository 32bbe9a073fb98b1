"""What any record needs: the field registry, lists, import."""
