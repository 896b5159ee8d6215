-- Kept numbers of rows as described in schema/tallies.rs, instead of earlier ones.

--sqlite: DROP TRIGGER ironwood_location_content_added;
--sqlite: DROP TRIGGER ironwood_location_content_removed;
--sqlite: DROP TRIGGER ironwood_location_content_moved;
--sqlite: DROP TRIGGER ironwood_location_content_node_added;
--sqlite: DROP TRIGGER ironwood_location_content_node_moved;
--sqlite: DROP TRIGGER ironwood_location_content_node_removed;
--pg: DROP TRIGGER ironwood_location_content_added ON stock_stockitem;
--pg: DROP TRIGGER ironwood_location_content_removed ON stock_stockitem;
--pg: DROP TRIGGER ironwood_location_content_moved ON stock_stockitem;
--pg: DROP TRIGGER ironwood_location_content_node_added ON stock_stocklocation;
--pg: DROP TRIGGER ironwood_location_content_node_moved ON stock_stocklocation;
--pg: DROP TRIGGER ironwood_location_content_node_removed ON stock_stocklocation;
--pg: DROP FUNCTION ironwood_location_content_added();
--pg: DROP FUNCTION ironwood_location_content_removed();
--pg: DROP FUNCTION ironwood_location_content_moved();
--pg: DROP FUNCTION ironwood_location_content_node_added();
--pg: DROP FUNCTION ironwood_location_content_node_moved();
--pg: DROP FUNCTION ironwood_location_content_node_removed();
DROP VIEW ironwood_location_contents;
DROP TABLE ironwood_location_content;
DROP TABLE ironwood_location_content_change;
--sqlite: DROP TRIGGER ironwood_category_content_added;
--sqlite: DROP TRIGGER ironwood_category_content_removed;
--sqlite: DROP TRIGGER ironwood_category_content_moved;
--sqlite: DROP TRIGGER ironwood_category_content_node_added;
--sqlite: DROP TRIGGER ironwood_category_content_node_moved;
--sqlite: DROP TRIGGER ironwood_category_content_node_removed;
--pg: DROP TRIGGER ironwood_category_content_added ON part_part;
--pg: DROP TRIGGER ironwood_category_content_removed ON part_part;
--pg: DROP TRIGGER ironwood_category_content_moved ON part_part;
--pg: DROP TRIGGER ironwood_category_content_node_added ON part_partcategory;
--pg: DROP TRIGGER ironwood_category_content_node_moved ON part_partcategory;
--pg: DROP TRIGGER ironwood_category_content_node_removed ON part_partcategory;
--pg: DROP FUNCTION ironwood_category_content_added();
--pg: DROP FUNCTION ironwood_category_content_removed();
--pg: DROP FUNCTION ironwood_category_content_moved();
--pg: DROP FUNCTION ironwood_category_content_node_added();
--pg: DROP FUNCTION ironwood_category_content_node_moved();
--pg: DROP FUNCTION ironwood_category_content_node_removed();
DROP VIEW ironwood_category_contents;
DROP TABLE ironwood_category_content;
DROP TABLE ironwood_category_content_change;
CREATE TABLE ironwood_location_content (
    id
        --sqlite: INTEGER PRIMARY KEY
        --pg: {{id}}
       ,
    "path" {{text}} DEFAULT '' NOT NULL,
    "state" BIGINT DEFAULT 0 NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);
CREATE INDEX ironwood_location_content_path_state_number ON ironwood_location_content ("path", "state", "number");

CREATE TABLE ironwood_location_content_change (
    id {{id}},
    "node" BIGINT NOT NULL,
    "state" BIGINT DEFAULT 0 NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);
CREATE INDEX ironwood_location_content_change_node ON ironwood_location_content_change ("node");

--sqlite: CREATE VIEW ironwood_location_contents AS SELECT path, state, number FROM ironwood_location_content;
--pg: CREATE VIEW ironwood_location_contents AS SELECT path, state, number FROM ironwood_location_content UNION ALL SELECT n.tree_path, c.state, c.number FROM ironwood_location_content_change c JOIN stock_stocklocation n ON n.id = c.node;
--progress: counting rows of stock_stockitem in stock_stocklocation
INSERT INTO ironwood_location_content (id, path, state, number) SELECT id, path, state, number FROM (SELECT n.id * 2 + r.state AS id, n.tree_path AS path, r.state, r.number FROM stock_stocklocation n JOIN (SELECT r."location" AS node, CASE WHEN (r."quantity" > 0 AND r."sales_order" IS NULL AND r."belongs_to" IS NULL AND r."customer" IS NULL AND r."consumed_by" IS NULL AND NOT r."is_building" AND r."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END AS state, COUNT(*) AS number FROM stock_stockitem r WHERE r."location" IS NOT NULL GROUP BY 1, 2) r ON r.node = n.id) l;
--sqlite: CREATE TRIGGER ironwood_location_content_node_added AFTER INSERT ON stock_stocklocation BEGIN INSERT INTO ironwood_location_content (id, path, state, number) SELECT NEW.id * 2 + r.state, NEW.tree_path, r.state, r.number FROM (SELECT CASE WHEN (r."quantity" > 0 AND r."sales_order" IS NULL AND r."belongs_to" IS NULL AND r."customer" IS NULL AND r."consumed_by" IS NULL AND NOT r."is_building" AND r."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END AS state, COUNT(*) AS number FROM stock_stockitem r WHERE r."location" = NEW.id GROUP BY 1) r; END;
--pg: CREATE FUNCTION ironwood_location_content_node_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_location_content (id, path, state, number) SELECT NEW.id * 2 + r.state, NEW.tree_path, r.state, r.number FROM (SELECT CASE WHEN (r."quantity" > 0 AND r."sales_order" IS NULL AND r."belongs_to" IS NULL AND r."customer" IS NULL AND r."consumed_by" IS NULL AND NOT r."is_building" AND r."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END AS state, COUNT(*) AS number FROM stock_stockitem r WHERE r."location" = NEW.id GROUP BY 1) r; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_location_content_node_added AFTER INSERT ON stock_stocklocation FOR EACH ROW EXECUTE FUNCTION ironwood_location_content_node_added();
--sqlite: CREATE TRIGGER ironwood_location_content_node_moved AFTER UPDATE OF tree_path ON stock_stocklocation WHEN OLD.tree_path <> NEW.tree_path BEGIN UPDATE ironwood_location_content SET path = NEW.tree_path WHERE id >= NEW.id * 2 AND id < (NEW.id + 1) * 2; END;
--pg: CREATE FUNCTION ironwood_location_content_node_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE ironwood_location_content SET path = NEW.tree_path WHERE id >= NEW.id * 2 AND id < (NEW.id + 1) * 2; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_location_content_node_moved AFTER UPDATE OF tree_path ON stock_stocklocation FOR EACH ROW WHEN (OLD.tree_path <> NEW.tree_path) EXECUTE FUNCTION ironwood_location_content_node_moved();
--sqlite: CREATE TRIGGER ironwood_location_content_node_removed AFTER DELETE ON stock_stocklocation BEGIN DELETE FROM ironwood_location_content WHERE id >= OLD.id * 2 AND id < (OLD.id + 1) * 2; END;
--pg: CREATE FUNCTION ironwood_location_content_node_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ironwood_location_content_change WHERE node = OLD.id; DELETE FROM ironwood_location_content WHERE id >= OLD.id * 2 AND id < (OLD.id + 1) * 2; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_location_content_node_removed AFTER DELETE ON stock_stocklocation FOR EACH ROW EXECUTE FUNCTION ironwood_location_content_node_removed();
CREATE TABLE ironwood_category_content (
    id
        --sqlite: INTEGER PRIMARY KEY
        --pg: {{id}}
       ,
    "path" {{text}} DEFAULT '' NOT NULL,
    "state" BIGINT DEFAULT 0 NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);
CREATE INDEX ironwood_category_content_path_state_number ON ironwood_category_content ("path", "state", "number");

CREATE TABLE ironwood_category_content_change (
    id {{id}},
    "node" BIGINT NOT NULL,
    "state" BIGINT DEFAULT 0 NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);
CREATE INDEX ironwood_category_content_change_node ON ironwood_category_content_change ("node");

--sqlite: CREATE VIEW ironwood_category_contents AS SELECT path, state, number FROM ironwood_category_content;
--pg: CREATE VIEW ironwood_category_contents AS SELECT path, state, number FROM ironwood_category_content UNION ALL SELECT n.tree_path, c.state, c.number FROM ironwood_category_content_change c JOIN part_partcategory n ON n.id = c.node;
--progress: counting rows of part_part in part_partcategory
INSERT INTO ironwood_category_content (id, path, state, number) SELECT id, path, state, number FROM (SELECT n.id * 2 + r.state AS id, n.tree_path AS path, r.state, r.number FROM part_partcategory n JOIN (SELECT r."category" AS node, CASE WHEN r."active" THEN 1 ELSE 0 END AS state, COUNT(*) AS number FROM part_part r WHERE r."category" IS NOT NULL GROUP BY 1, 2) r ON r.node = n.id) l;
--sqlite: CREATE TRIGGER ironwood_category_content_node_added AFTER INSERT ON part_partcategory BEGIN INSERT INTO ironwood_category_content (id, path, state, number) SELECT NEW.id * 2 + r.state, NEW.tree_path, r.state, r.number FROM (SELECT CASE WHEN r."active" THEN 1 ELSE 0 END AS state, COUNT(*) AS number FROM part_part r WHERE r."category" = NEW.id GROUP BY 1) r; END;
--pg: CREATE FUNCTION ironwood_category_content_node_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_category_content (id, path, state, number) SELECT NEW.id * 2 + r.state, NEW.tree_path, r.state, r.number FROM (SELECT CASE WHEN r."active" THEN 1 ELSE 0 END AS state, COUNT(*) AS number FROM part_part r WHERE r."category" = NEW.id GROUP BY 1) r; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_category_content_node_added AFTER INSERT ON part_partcategory FOR EACH ROW EXECUTE FUNCTION ironwood_category_content_node_added();
--sqlite: CREATE TRIGGER ironwood_category_content_node_moved AFTER UPDATE OF tree_path ON part_partcategory WHEN OLD.tree_path <> NEW.tree_path BEGIN UPDATE ironwood_category_content SET path = NEW.tree_path WHERE id >= NEW.id * 2 AND id < (NEW.id + 1) * 2; END;
--pg: CREATE FUNCTION ironwood_category_content_node_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE ironwood_category_content SET path = NEW.tree_path WHERE id >= NEW.id * 2 AND id < (NEW.id + 1) * 2; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_category_content_node_moved AFTER UPDATE OF tree_path ON part_partcategory FOR EACH ROW WHEN (OLD.tree_path <> NEW.tree_path) EXECUTE FUNCTION ironwood_category_content_node_moved();
--sqlite: CREATE TRIGGER ironwood_category_content_node_removed AFTER DELETE ON part_partcategory BEGIN DELETE FROM ironwood_category_content WHERE id >= OLD.id * 2 AND id < (OLD.id + 1) * 2; END;
--pg: CREATE FUNCTION ironwood_category_content_node_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ironwood_category_content_change WHERE node = OLD.id; DELETE FROM ironwood_category_content WHERE id >= OLD.id * 2 AND id < (OLD.id + 1) * 2; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_category_content_node_removed AFTER DELETE ON part_partcategory FOR EACH ROW EXECUTE FUNCTION ironwood_category_content_node_removed();
CREATE TABLE ironwood_stock_tally (
    id
        --sqlite: INTEGER PRIMARY KEY
        --pg: {{id}}
       ,
    "number" BIGINT DEFAULT 0 NOT NULL
);

CREATE TABLE ironwood_stock_tally_change (
    id {{id}},
    "state" BIGINT DEFAULT 0 NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);

--sqlite: CREATE VIEW ironwood_stock_tallies AS SELECT id AS state, number FROM ironwood_stock_tally;
--pg: CREATE VIEW ironwood_stock_tallies AS SELECT id AS state, number FROM ironwood_stock_tally UNION ALL SELECT state, number FROM ironwood_stock_tally_change;
--progress: counting rows of stock_stockitem
INSERT INTO ironwood_stock_tally (id, number) SELECT id, number FROM (SELECT CASE WHEN (r."quantity" > 0 AND r."sales_order" IS NULL AND r."belongs_to" IS NULL AND r."customer" IS NULL AND r."consumed_by" IS NULL AND NOT r."is_building" AND r."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN r."is_building" THEN 2 ELSE 0 END + CASE WHEN r."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN r."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN r."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN r."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(r."serial", '') <> '' THEN 64 ELSE 0 END AS id, CASE WHEN (r."quantity" > 0 AND r."sales_order" IS NULL AND r."belongs_to" IS NULL AND r."customer" IS NULL AND r."consumed_by" IS NULL AND NOT r."is_building" AND r."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN r."is_building" THEN 2 ELSE 0 END + CASE WHEN r."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN r."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN r."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN r."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(r."serial", '') <> '' THEN 64 ELSE 0 END AS state, COUNT(*) AS number FROM stock_stockitem r GROUP BY 1, 2) l;
CREATE TABLE ironwood_part_tally (
    id
        --sqlite: INTEGER PRIMARY KEY
        --pg: {{id}}
       ,
    "number" BIGINT DEFAULT 0 NOT NULL
);

CREATE TABLE ironwood_part_tally_change (
    id {{id}},
    "state" BIGINT DEFAULT 0 NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);

--sqlite: CREATE VIEW ironwood_part_tallies AS SELECT id AS state, number FROM ironwood_part_tally;
--pg: CREATE VIEW ironwood_part_tallies AS SELECT id AS state, number FROM ironwood_part_tally UNION ALL SELECT state, number FROM ironwood_part_tally_change;
--progress: counting rows of ironwood_part_total
INSERT INTO ironwood_part_tally (id, number) SELECT id, number FROM (SELECT r."state" + CASE WHEN r."in_stock" > 0 THEN 1024 ELSE 0 END AS id, r."state" + CASE WHEN r."in_stock" > 0 THEN 1024 ELSE 0 END AS state, COUNT(*) AS number FROM ironwood_part_total r GROUP BY 1, 2) l;
CREATE TABLE ironwood_history_tally (
    id
        --sqlite: INTEGER PRIMARY KEY
        --pg: {{id}}
       ,
    "number" BIGINT DEFAULT 0 NOT NULL
);

CREATE TABLE ironwood_history_tally_change (
    id {{id}},
    "state" BIGINT DEFAULT 0 NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);

--sqlite: CREATE VIEW ironwood_history_tallies AS SELECT id AS state, number FROM ironwood_history_tally;
--pg: CREATE VIEW ironwood_history_tallies AS SELECT id AS state, number FROM ironwood_history_tally UNION ALL SELECT state, number FROM ironwood_history_tally_change;
--progress: counting rows of stock_stockitemtracking
INSERT INTO ironwood_history_tally (id, number) SELECT id, number FROM (SELECT 0 AS id, 0 AS state, COUNT(*) AS number FROM stock_stockitemtracking r GROUP BY 1, 2) l;
--sqlite: CREATE TRIGGER stock_stockitem_tallied_added AFTER INSERT ON stock_stockitem BEGIN INSERT INTO ironwood_location_content (id, path, state, number) SELECT n.id * 2 + d.state, n.tree_path, d.state, 1 FROM (SELECT CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END AS state) d CROSS JOIN stock_stocklocation n WHERE n.id = NEW."location" ON CONFLICT (id) DO UPDATE SET number = number + 1; INSERT INTO ironwood_stock_tally (id, number) VALUES (CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN NEW."is_building" THEN 2 ELSE 0 END + CASE WHEN NEW."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN NEW."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN NEW."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN NEW."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(NEW."serial", '') <> '' THEN 64 ELSE 0 END, 1) ON CONFLICT (id) DO UPDATE SET number = number + 1; END;
--sqlite: CREATE TRIGGER stock_stockitem_tallied_removed AFTER DELETE ON stock_stockitem BEGIN UPDATE ironwood_location_content SET number = number - 1 WHERE id = OLD."location" * 2 + CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END; UPDATE ironwood_stock_tally SET number = number - 1 WHERE id = CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN OLD."is_building" THEN 2 ELSE 0 END + CASE WHEN OLD."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN OLD."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN OLD."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN OLD."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(OLD."serial", '') <> '' THEN 64 ELSE 0 END; END;
--sqlite: CREATE TRIGGER ironwood_location_content_changed AFTER UPDATE OF "belongs_to", "consumed_by", "customer", "is_building", "location", "quantity", "sales_order", "status" ON stock_stockitem WHEN (CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END) <> (CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END) OR OLD."location" IS DISTINCT FROM NEW."location" BEGIN UPDATE ironwood_location_content SET number = number - 1 WHERE id = OLD."location" * 2 + CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END; INSERT INTO ironwood_location_content (id, path, state, number) SELECT n.id * 2 + d.state, n.tree_path, d.state, 1 FROM (SELECT CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END AS state) d CROSS JOIN stock_stocklocation n WHERE n.id = NEW."location" ON CONFLICT (id) DO UPDATE SET number = number + 1; END;
--sqlite: CREATE TRIGGER ironwood_stock_tally_changed AFTER UPDATE OF "belongs_to", "consumed_by", "customer", "is_building", "quantity", "sales_order", "serial", "status" ON stock_stockitem WHEN (CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN OLD."is_building" THEN 2 ELSE 0 END + CASE WHEN OLD."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN OLD."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN OLD."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN OLD."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(OLD."serial", '') <> '' THEN 64 ELSE 0 END) <> (CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN NEW."is_building" THEN 2 ELSE 0 END + CASE WHEN NEW."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN NEW."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN NEW."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN NEW."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(NEW."serial", '') <> '' THEN 64 ELSE 0 END) BEGIN UPDATE ironwood_stock_tally SET number = number - 1 WHERE id = CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN OLD."is_building" THEN 2 ELSE 0 END + CASE WHEN OLD."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN OLD."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN OLD."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN OLD."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(OLD."serial", '') <> '' THEN 64 ELSE 0 END; INSERT INTO ironwood_stock_tally (id, number) VALUES (CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN NEW."is_building" THEN 2 ELSE 0 END + CASE WHEN NEW."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN NEW."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN NEW."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN NEW."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(NEW."serial", '') <> '' THEN 64 ELSE 0 END, 1) ON CONFLICT (id) DO UPDATE SET number = number + 1; END;
--pg: CREATE FUNCTION stock_stockitem_tallied_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_location_content_change (node, state, number) SELECT r."location", CASE WHEN (r."quantity" > 0 AND r."sales_order" IS NULL AND r."belongs_to" IS NULL AND r."customer" IS NULL AND r."consumed_by" IS NULL AND NOT r."is_building" AND r."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END, COUNT(*) FROM new_rows r WHERE EXISTS (SELECT 1 FROM stock_stocklocation n WHERE n.id = r."location") GROUP BY 1, 2; INSERT INTO ironwood_stock_tally_change (state, number) SELECT CASE WHEN (r."quantity" > 0 AND r."sales_order" IS NULL AND r."belongs_to" IS NULL AND r."customer" IS NULL AND r."consumed_by" IS NULL AND NOT r."is_building" AND r."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN r."is_building" THEN 2 ELSE 0 END + CASE WHEN r."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN r."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN r."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN r."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(r."serial", '') <> '' THEN 64 ELSE 0 END, COUNT(*) FROM new_rows r GROUP BY 1; RETURN NULL; END $$;
--pg: CREATE TRIGGER stock_stockitem_tallied_added AFTER INSERT ON stock_stockitem REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stock_stockitem_tallied_added();
--pg: CREATE FUNCTION stock_stockitem_tallied_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_location_content_change (node, state, number) SELECT r."location", CASE WHEN (r."quantity" > 0 AND r."sales_order" IS NULL AND r."belongs_to" IS NULL AND r."customer" IS NULL AND r."consumed_by" IS NULL AND NOT r."is_building" AND r."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END, -COUNT(*) FROM old_rows r WHERE EXISTS (SELECT 1 FROM stock_stocklocation n WHERE n.id = r."location") GROUP BY 1, 2; INSERT INTO ironwood_stock_tally_change (state, number) SELECT CASE WHEN (r."quantity" > 0 AND r."sales_order" IS NULL AND r."belongs_to" IS NULL AND r."customer" IS NULL AND r."consumed_by" IS NULL AND NOT r."is_building" AND r."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN r."is_building" THEN 2 ELSE 0 END + CASE WHEN r."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN r."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN r."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN r."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(r."serial", '') <> '' THEN 64 ELSE 0 END, -COUNT(*) FROM old_rows r GROUP BY 1; RETURN NULL; END $$;
--pg: CREATE TRIGGER stock_stockitem_tallied_removed AFTER DELETE ON stock_stockitem REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION stock_stockitem_tallied_removed();
--pg: CREATE FUNCTION stock_stockitem_tallied_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END) <> (CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END) OR OLD."location" IS DISTINCT FROM NEW."location" THEN INSERT INTO ironwood_location_content_change (node, state, number) SELECT n.id, CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END, -1 FROM stock_stocklocation n WHERE n.id = OLD."location" UNION ALL SELECT n.id, CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END, 1 FROM stock_stocklocation n WHERE n.id = NEW."location"; END IF; IF (CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN OLD."is_building" THEN 2 ELSE 0 END + CASE WHEN OLD."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN OLD."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN OLD."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN OLD."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(OLD."serial", '') <> '' THEN 64 ELSE 0 END) <> (CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN NEW."is_building" THEN 2 ELSE 0 END + CASE WHEN NEW."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN NEW."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN NEW."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN NEW."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(NEW."serial", '') <> '' THEN 64 ELSE 0 END) THEN INSERT INTO ironwood_stock_tally_change (state, number) SELECT CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN OLD."is_building" THEN 2 ELSE 0 END + CASE WHEN OLD."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN OLD."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN OLD."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN OLD."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(OLD."serial", '') <> '' THEN 64 ELSE 0 END, -1 UNION ALL SELECT CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN NEW."is_building" THEN 2 ELSE 0 END + CASE WHEN NEW."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN NEW."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN NEW."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN NEW."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(NEW."serial", '') <> '' THEN 64 ELSE 0 END, 1; END IF; RETURN NULL; END $$;
--pg: CREATE TRIGGER stock_stockitem_tallied_changed AFTER UPDATE OF "belongs_to", "consumed_by", "customer", "is_building", "location", "quantity", "sales_order", "serial", "status" ON stock_stockitem FOR EACH ROW WHEN ((CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END) <> (CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END) OR OLD."location" IS DISTINCT FROM NEW."location" OR (CASE WHEN (OLD."quantity" > 0 AND OLD."sales_order" IS NULL AND OLD."belongs_to" IS NULL AND OLD."customer" IS NULL AND OLD."consumed_by" IS NULL AND NOT OLD."is_building" AND OLD."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN OLD."is_building" THEN 2 ELSE 0 END + CASE WHEN OLD."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN OLD."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN OLD."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN OLD."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(OLD."serial", '') <> '' THEN 64 ELSE 0 END) <> (CASE WHEN (NEW."quantity" > 0 AND NEW."sales_order" IS NULL AND NEW."belongs_to" IS NULL AND NEW."customer" IS NULL AND NEW."consumed_by" IS NULL AND NOT NEW."is_building" AND NEW."status" IN (10, 50, 55, 85)) THEN 1 ELSE 0 END + CASE WHEN NEW."is_building" THEN 2 ELSE 0 END + CASE WHEN NEW."consumed_by" IS NOT NULL THEN 4 ELSE 0 END + CASE WHEN NEW."belongs_to" IS NOT NULL THEN 8 ELSE 0 END + CASE WHEN NEW."customer" IS NOT NULL THEN 16 ELSE 0 END + CASE WHEN NEW."quantity" <= 0 THEN 32 ELSE 0 END + CASE WHEN COALESCE(NEW."serial", '') <> '' THEN 64 ELSE 0 END)) EXECUTE FUNCTION stock_stockitem_tallied_changed();
--sqlite: CREATE TRIGGER part_part_tallied_added AFTER INSERT ON part_part BEGIN INSERT INTO ironwood_category_content (id, path, state, number) SELECT n.id * 2 + d.state, n.tree_path, d.state, 1 FROM (SELECT CASE WHEN NEW."active" THEN 1 ELSE 0 END AS state) d CROSS JOIN part_partcategory n WHERE n.id = NEW."category" ON CONFLICT (id) DO UPDATE SET number = number + 1; END;
--sqlite: CREATE TRIGGER part_part_tallied_removed AFTER DELETE ON part_part BEGIN UPDATE ironwood_category_content SET number = number - 1 WHERE id = OLD."category" * 2 + CASE WHEN OLD."active" THEN 1 ELSE 0 END; END;
--sqlite: CREATE TRIGGER ironwood_category_content_changed AFTER UPDATE OF "active", "category" ON part_part WHEN (CASE WHEN OLD."active" THEN 1 ELSE 0 END) <> (CASE WHEN NEW."active" THEN 1 ELSE 0 END) OR OLD."category" IS DISTINCT FROM NEW."category" BEGIN UPDATE ironwood_category_content SET number = number - 1 WHERE id = OLD."category" * 2 + CASE WHEN OLD."active" THEN 1 ELSE 0 END; INSERT INTO ironwood_category_content (id, path, state, number) SELECT n.id * 2 + d.state, n.tree_path, d.state, 1 FROM (SELECT CASE WHEN NEW."active" THEN 1 ELSE 0 END AS state) d CROSS JOIN part_partcategory n WHERE n.id = NEW."category" ON CONFLICT (id) DO UPDATE SET number = number + 1; END;
--pg: CREATE FUNCTION part_part_tallied_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_category_content_change (node, state, number) SELECT r."category", CASE WHEN r."active" THEN 1 ELSE 0 END, COUNT(*) FROM new_rows r WHERE EXISTS (SELECT 1 FROM part_partcategory n WHERE n.id = r."category") GROUP BY 1, 2; RETURN NULL; END $$;
--pg: CREATE TRIGGER part_part_tallied_added AFTER INSERT ON part_part REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION part_part_tallied_added();
--pg: CREATE FUNCTION part_part_tallied_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_category_content_change (node, state, number) SELECT r."category", CASE WHEN r."active" THEN 1 ELSE 0 END, -COUNT(*) FROM old_rows r WHERE EXISTS (SELECT 1 FROM part_partcategory n WHERE n.id = r."category") GROUP BY 1, 2; RETURN NULL; END $$;
--pg: CREATE TRIGGER part_part_tallied_removed AFTER DELETE ON part_part REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION part_part_tallied_removed();
--pg: CREATE FUNCTION part_part_tallied_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_category_content_change (node, state, number) SELECT n.id, CASE WHEN OLD."active" THEN 1 ELSE 0 END, -1 FROM part_partcategory n WHERE n.id = OLD."category" UNION ALL SELECT n.id, CASE WHEN NEW."active" THEN 1 ELSE 0 END, 1 FROM part_partcategory n WHERE n.id = NEW."category"; RETURN NULL; END $$;
--pg: CREATE TRIGGER part_part_tallied_changed AFTER UPDATE OF "active", "category" ON part_part FOR EACH ROW WHEN ((CASE WHEN OLD."active" THEN 1 ELSE 0 END) <> (CASE WHEN NEW."active" THEN 1 ELSE 0 END) OR OLD."category" IS DISTINCT FROM NEW."category") EXECUTE FUNCTION part_part_tallied_changed();
--sqlite: CREATE TRIGGER ironwood_part_total_tallied_added AFTER INSERT ON ironwood_part_total BEGIN INSERT INTO ironwood_part_tally (id, number) VALUES (NEW."state" + CASE WHEN NEW."in_stock" > 0 THEN 1024 ELSE 0 END, 1) ON CONFLICT (id) DO UPDATE SET number = number + 1; END;
--sqlite: CREATE TRIGGER ironwood_part_total_tallied_removed AFTER DELETE ON ironwood_part_total BEGIN UPDATE ironwood_part_tally SET number = number - 1 WHERE id = OLD."state" + CASE WHEN OLD."in_stock" > 0 THEN 1024 ELSE 0 END; END;
--sqlite: CREATE TRIGGER ironwood_part_tally_changed AFTER UPDATE OF "in_stock", "state" ON ironwood_part_total WHEN (OLD."state" + CASE WHEN OLD."in_stock" > 0 THEN 1024 ELSE 0 END) <> (NEW."state" + CASE WHEN NEW."in_stock" > 0 THEN 1024 ELSE 0 END) BEGIN UPDATE ironwood_part_tally SET number = number - 1 WHERE id = OLD."state" + CASE WHEN OLD."in_stock" > 0 THEN 1024 ELSE 0 END; INSERT INTO ironwood_part_tally (id, number) VALUES (NEW."state" + CASE WHEN NEW."in_stock" > 0 THEN 1024 ELSE 0 END, 1) ON CONFLICT (id) DO UPDATE SET number = number + 1; END;
--pg: CREATE FUNCTION ironwood_part_total_tallied_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_part_tally_change (state, number) SELECT r."state" + CASE WHEN r."in_stock" > 0 THEN 1024 ELSE 0 END, COUNT(*) FROM new_rows r GROUP BY 1; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_part_total_tallied_added AFTER INSERT ON ironwood_part_total REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ironwood_part_total_tallied_added();
--pg: CREATE FUNCTION ironwood_part_total_tallied_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_part_tally_change (state, number) SELECT r."state" + CASE WHEN r."in_stock" > 0 THEN 1024 ELSE 0 END, -COUNT(*) FROM old_rows r GROUP BY 1; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_part_total_tallied_removed AFTER DELETE ON ironwood_part_total REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ironwood_part_total_tallied_removed();
--pg: CREATE FUNCTION ironwood_part_total_tallied_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_part_tally_change (state, number) SELECT OLD."state" + CASE WHEN OLD."in_stock" > 0 THEN 1024 ELSE 0 END, -1 UNION ALL SELECT NEW."state" + CASE WHEN NEW."in_stock" > 0 THEN 1024 ELSE 0 END, 1; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_part_total_tallied_changed AFTER UPDATE OF "in_stock", "state" ON ironwood_part_total FOR EACH ROW WHEN ((OLD."state" + CASE WHEN OLD."in_stock" > 0 THEN 1024 ELSE 0 END) <> (NEW."state" + CASE WHEN NEW."in_stock" > 0 THEN 1024 ELSE 0 END)) EXECUTE FUNCTION ironwood_part_total_tallied_changed();
--sqlite: CREATE TRIGGER stock_stockitemtracking_tallied_added AFTER INSERT ON stock_stockitemtracking BEGIN INSERT INTO ironwood_history_tally (id, number) VALUES (0, 1) ON CONFLICT (id) DO UPDATE SET number = number + 1; END;
--sqlite: CREATE TRIGGER stock_stockitemtracking_tallied_removed AFTER DELETE ON stock_stockitemtracking BEGIN UPDATE ironwood_history_tally SET number = number - 1 WHERE id = 0; END;
--pg: CREATE FUNCTION stock_stockitemtracking_tallied_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_history_tally_change (state, number) SELECT 0, COUNT(*) FROM new_rows r GROUP BY 1; RETURN NULL; END $$;
--pg: CREATE TRIGGER stock_stockitemtracking_tallied_added AFTER INSERT ON stock_stockitemtracking REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stock_stockitemtracking_tallied_added();
--pg: CREATE FUNCTION stock_stockitemtracking_tallied_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_history_tally_change (state, number) SELECT 0, -COUNT(*) FROM old_rows r GROUP BY 1; RETURN NULL; END $$;
--pg: CREATE TRIGGER stock_stockitemtracking_tallied_removed AFTER DELETE ON stock_stockitemtracking REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION stock_stockitemtracking_tallied_removed();
