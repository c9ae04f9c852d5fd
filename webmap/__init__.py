"""The windows: Folium maps, pages and translations. They get values and never touch the database."""
