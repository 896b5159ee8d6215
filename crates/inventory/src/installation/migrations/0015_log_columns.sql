-- Lists of columns, by which SQLite logs the values of a row without their names.
CREATE TABLE ironwood_log_columns (
    id {{id}},
    "table" {{text}} NOT NULL,
    "columns" {{text}} NOT NULL
);
