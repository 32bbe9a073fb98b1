"""A person's rights: everything we hold of her in her hands, erasure from every place, retention by purpose."""
