"""The shell: components, design tokens, behaviours."""
