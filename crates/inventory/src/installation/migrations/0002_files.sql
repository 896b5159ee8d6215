-- Rows are found by the files that they name: access to a file is that of its rows.

CREATE INDEX common_attachment_attachment ON common_attachment ("attachment") WHERE "attachment" <> '';
CREATE INDEX common_attachment_thumbnail ON common_attachment ("thumbnail") WHERE "thumbnail" <> '';
CREATE INDEX common_notesimage_image ON common_notesimage ("image");
CREATE INDEX common_dataoutput_output ON common_dataoutput ("output") WHERE "output" <> '';
CREATE INDEX importer_dataimportsession_data_file ON importer_dataimportsession ("data_file");
CREATE INDEX part_part_image ON part_part ("image") WHERE "image" <> '';
CREATE INDEX company_company_image ON company_company ("image") WHERE "image" <> '';
CREATE INDEX stock_stockitemtestresult_attachment ON stock_stockitemtestresult ("attachment") WHERE "attachment" <> '';
