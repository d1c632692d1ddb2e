-- Search in minutes: folded holds the terms of a page (server/minutes/folding.py). The index alone answers; the terms
-- are never read again. No statistics of them: ANALYZE would make the terms of every page anew, and nothing asks for it.
CREATE INDEX minutes_text_terms ON minutes_text USING gin (array_to_tsvector(string_to_array(folded, ' ')))
    WITH (gin_pending_list_limit = 1024);
ALTER INDEX minutes_text_terms ALTER COLUMN 1 SET STATISTICS 0;
-- Texts beside the table and not in it: the hits of a common word are thousands of rows, of which a search reads the ids.
ALTER TABLE minutes_text SET (toast_tuple_target = 128);
