"""Layers of maps: each writes its data as JSON, and a function of ``static/js/map.js`` draws them."""
