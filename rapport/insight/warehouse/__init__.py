"""The warehouse: snapshots of every room's extracts, the engine that reads them, and where each number comes from."""
