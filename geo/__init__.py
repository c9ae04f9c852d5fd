"""The meaning of Wangge: geometry, domain rules, storage and use cases, free of any web package."""
