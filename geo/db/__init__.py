"""The only SQL: engine, unit of work, tables, and one module of set-wise questions for each capability."""
