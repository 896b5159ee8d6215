-- How a file is laid out and written, and what is odd about rows that can be imported nevertheless.

ALTER TABLE importer_dataimportsession ADD COLUMN "file_format" {{text}};
ALTER TABLE importer_dataimportrow ADD COLUMN "warnings" {{text}};
