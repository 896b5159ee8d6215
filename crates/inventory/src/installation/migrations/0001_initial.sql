-- Made from the descriptions of the tables, see mod.rs here.

CREATE TABLE auth_user (
    id {{id}},
    "password" {{text}} DEFAULT '' NOT NULL,
    "last_login" {{text}},
    "is_superuser" BOOLEAN DEFAULT FALSE NOT NULL,
    "username" {{text}} NOT NULL UNIQUE,
    "first_name" {{text}} DEFAULT '' NOT NULL,
    "last_name" {{text}} DEFAULT '' NOT NULL,
    "email" {{text}} DEFAULT '' NOT NULL,
    "is_staff" BOOLEAN DEFAULT FALSE NOT NULL,
    "is_active" BOOLEAN DEFAULT TRUE NOT NULL,
    "date_joined" {{text}} NOT NULL,
    "user_permissions" {{text}} DEFAULT '[]' NOT NULL
);

CREATE TABLE auth_group (
    id {{id}},
    "name" {{text}} NOT NULL UNIQUE,
    "permissions" {{text}} DEFAULT '[]' NOT NULL
);

CREATE TABLE auth_user_groups (
    id {{id}},
    "user" BIGINT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "group" BIGINT NOT NULL REFERENCES auth_group (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    UNIQUE ("user", "group")
);
CREATE INDEX auth_user_groups_group ON auth_user_groups ("group");

CREATE TABLE users_ruleset (
    id {{id}},
    "name" {{text}} NOT NULL,
    "group" BIGINT NOT NULL REFERENCES auth_group (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "can_view" BOOLEAN DEFAULT FALSE NOT NULL,
    "can_add" BOOLEAN DEFAULT FALSE NOT NULL,
    "can_change" BOOLEAN DEFAULT FALSE NOT NULL,
    "can_delete" BOOLEAN DEFAULT FALSE NOT NULL,
    UNIQUE ("name", "group")
);
CREATE INDEX users_ruleset_group ON users_ruleset ("group");

CREATE TABLE users_owner (
    id {{id}},
    "owner_type" {{text}},
    "owner_id" BIGINT,
    UNIQUE ("owner_type", "owner_id"),
    CONSTRAINT "owner_id" CHECK ("owner_id" >= 0)
);

CREATE TABLE users_userprofile (
    id {{id}},
    "metadata" {{text}},
    "user" BIGINT NOT NULL UNIQUE REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "language" {{text}},
    "theme" {{text}},
    "widgets" {{text}},
    "displayname" {{text}},
    "position" {{text}},
    "status" {{text}},
    "location" {{text}},
    "active" BOOLEAN DEFAULT TRUE NOT NULL,
    "contact" {{text}},
    "type" {{text}} DEFAULT 'internal' NOT NULL,
    "organisation" {{text}},
    "primary_group" BIGINT REFERENCES auth_group (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX users_userprofile_primary_group ON users_userprofile ("primary_group") WHERE "primary_group" IS NOT NULL;

CREATE TABLE users_apitoken (
    id {{id}},
    "key_hash" {{text}} NOT NULL UNIQUE,
    "key_sealed" {{text}} NOT NULL,
    "name" {{text}} DEFAULT '' NOT NULL,
    "user" BIGINT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "created" {{text}} NOT NULL,
    "expiry" {{text}} NOT NULL,
    "revoked" BOOLEAN DEFAULT FALSE NOT NULL,
    "last_seen" {{text}},
    "metadata" {{text}}
);
CREATE INDEX users_apitoken_user ON users_apitoken ("user");

CREATE TABLE ironwood_session (
    id {{id}},
    "key_hash" {{text}} NOT NULL UNIQUE,
    "user" BIGINT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "created" {{text}} NOT NULL,
    "expires" {{text}} NOT NULL,
    "csrf" {{text}} NOT NULL,
    "user_agent" {{text}} DEFAULT '' NOT NULL,
    "address" {{text}} DEFAULT '' NOT NULL
);
CREATE INDEX ironwood_session_user ON ironwood_session ("user");
CREATE INDEX ironwood_session_expires ON ironwood_session ("expires");

CREATE TABLE plugin_pluginconfig (
    id {{id}},
    "key" {{text}} NOT NULL UNIQUE,
    "name" {{text}},
    "package_name" {{text}},
    "active" BOOLEAN DEFAULT FALSE NOT NULL,
    "metadata" {{text}}
);

CREATE TABLE plugin_pluginsetting (
    id {{id}},
    "plugin" BIGINT NOT NULL REFERENCES plugin_pluginconfig (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "key" {{text}} NOT NULL,
    "value" {{text}} DEFAULT '' NOT NULL,
    UNIQUE ("plugin", "key")
);

CREATE TABLE plugin_pluginusersetting (
    id {{id}},
    "plugin" BIGINT NOT NULL REFERENCES plugin_pluginconfig (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "user" BIGINT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "key" {{text}} NOT NULL,
    "value" {{text}} DEFAULT '' NOT NULL,
    UNIQUE ("plugin", "user", "key")
);
CREATE INDEX plugin_pluginusersetting_user ON plugin_pluginusersetting ("user");

CREATE TABLE common_inventreesetting (
    id {{id}},
    "key" {{text}} NOT NULL UNIQUE,
    "value" {{text}} DEFAULT '' NOT NULL
);

CREATE TABLE common_inventreeusersetting (
    id {{id}},
    "key" {{text}} NOT NULL,
    "user" BIGINT REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "value" {{text}} DEFAULT '' NOT NULL,
    UNIQUE ("key", "user")
);
CREATE INDEX common_inventreeusersetting_user ON common_inventreeusersetting ("user") WHERE "user" IS NOT NULL;

CREATE TABLE common_projectcode (
    id {{id}},
    "code" {{text}} NOT NULL UNIQUE,
    "description" {{text}} DEFAULT '' NOT NULL,
    "active" BOOLEAN DEFAULT TRUE NOT NULL,
    "responsible" BIGINT REFERENCES users_owner (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}}
);
CREATE INDEX common_projectcode_responsible ON common_projectcode ("responsible") WHERE "responsible" IS NOT NULL;

CREATE TABLE common_customunit (
    id {{id}},
    "name" {{text}} NOT NULL UNIQUE,
    "symbol" {{text}} DEFAULT '' NOT NULL,
    "definition" {{text}} NOT NULL
);

CREATE TABLE common_inventreecustomuserstatemodel (
    id {{id}},
    "reference_status" {{text}} NOT NULL,
    "logical_key" BIGINT NOT NULL,
    "key" BIGINT NOT NULL,
    "name" {{text}} NOT NULL,
    "label" {{text}} NOT NULL,
    "color" {{text}} DEFAULT 'secondary' NOT NULL,
    "model" {{text}},
    UNIQUE ("reference_status", "key"),
    UNIQUE ("reference_status", "name")
);
CREATE INDEX common_inventreecustomuserstatemodel_model ON common_inventreecustomuserstatemodel ("model");

CREATE TABLE common_attachment (
    id {{id}},
    "model_type" {{text}} NOT NULL,
    "model_id" BIGINT NOT NULL,
    "attachment" {{text}} DEFAULT '' NOT NULL,
    "thumbnail" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}},
    "comment" {{text}} DEFAULT '' NOT NULL,
    "upload_user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "upload_date" {{text}},
    "is_image" BOOLEAN DEFAULT FALSE NOT NULL,
    "file_size" BIGINT DEFAULT 0 NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "model_id" CHECK ("model_id" >= 0),
    CONSTRAINT "file_size" CHECK ("file_size" >= 0)
);
CREATE INDEX common_attachment_model_type_model_id ON common_attachment ("model_type", "model_id");
CREATE INDEX common_attachment_upload_user ON common_attachment ("upload_user") WHERE "upload_user" IS NOT NULL;

CREATE TABLE common_notesimage (
    id {{id}},
    "image" {{text}} NOT NULL,
    "user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "date" {{text}} NOT NULL,
    "model_type" {{text}},
    "model_id" BIGINT
);
CREATE INDEX common_notesimage_model_type_model_id ON common_notesimage ("model_type", "model_id");
CREATE INDEX common_notesimage_user ON common_notesimage ("user") WHERE "user" IS NOT NULL;

CREATE TABLE common_selectionlist (
    id {{id}},
    "name" {{text}} NOT NULL UNIQUE,
    "description" {{text}} DEFAULT '' NOT NULL,
    "locked" BOOLEAN DEFAULT FALSE NOT NULL,
    "active" BOOLEAN DEFAULT TRUE NOT NULL,
    "source_plugin" BIGINT REFERENCES plugin_pluginconfig (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "source_string" {{text}} DEFAULT '' NOT NULL,
    "default" BIGINT
        --sqlite: REFERENCES common_selectionlistentry (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED
       ,
    "created" {{text}} NOT NULL,
    "last_updated" {{text}} NOT NULL,
    "metadata" {{text}}
);
CREATE INDEX common_selectionlist_source_plugin ON common_selectionlist ("source_plugin") WHERE "source_plugin" IS NOT NULL;
CREATE INDEX common_selectionlist_default ON common_selectionlist ("default") WHERE "default" IS NOT NULL;

CREATE TABLE common_selectionlistentry (
    id {{id}},
    "list" BIGINT REFERENCES common_selectionlist (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "value" {{text}} NOT NULL,
    "label" {{text}} NOT NULL,
    "description" {{text}} DEFAULT '' NOT NULL,
    "active" BOOLEAN DEFAULT TRUE NOT NULL,
    UNIQUE ("list", "value")
);

CREATE TABLE common_parametertemplate (
    id {{id}},
    "model_type" {{text}},
    "name" {{text}} NOT NULL UNIQUE,
    "units" {{text}} DEFAULT '' NOT NULL,
    "description" {{text}} DEFAULT '' NOT NULL,
    "checkbox" BOOLEAN DEFAULT FALSE NOT NULL,
    "choices" {{text}} DEFAULT '' NOT NULL,
    "selectionlist" BIGINT REFERENCES common_selectionlist (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "enabled" BOOLEAN DEFAULT TRUE NOT NULL,
    "unique" BIGINT DEFAULT 0 NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "unique" CHECK ("unique" >= 0)
);
CREATE INDEX common_parametertemplate_selectionlist ON common_parametertemplate ("selectionlist") WHERE "selectionlist" IS NOT NULL;

CREATE TABLE common_parameter (
    id {{id}},
    "model_type" {{text}} NOT NULL,
    "model_id" BIGINT NOT NULL,
    "template" BIGINT NOT NULL REFERENCES common_parametertemplate (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "data" {{text}} NOT NULL,
    "data_numeric" {{real}},
    "note" {{text}} DEFAULT '' NOT NULL,
    "updated" {{text}},
    "updated_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    UNIQUE ("model_type", "model_id", "template"),
    CONSTRAINT "model_id" CHECK ("model_id" >= 0)
);
CREATE INDEX common_parameter_model_type_model_id ON common_parameter ("model_type", "model_id");
CREATE INDEX common_parameter_template_data_numeric ON common_parameter ("template", "data_numeric");
CREATE INDEX common_parameter_template_data ON common_parameter ("template", "data");
CREATE INDEX common_parameter_updated_by ON common_parameter ("updated_by") WHERE "updated_by" IS NOT NULL;

CREATE TABLE taggit_tag (
    id {{id}},
    "name" {{text}} NOT NULL UNIQUE,
    "slug" {{text}} NOT NULL UNIQUE
);

CREATE TABLE taggit_taggeditem (
    id {{id}},
    "tag" BIGINT NOT NULL REFERENCES taggit_tag (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "content_type" {{text}} NOT NULL,
    "object_id" BIGINT NOT NULL
);
CREATE INDEX taggit_taggeditem_content_type_object_id ON taggit_taggeditem ("content_type", "object_id");
CREATE INDEX taggit_taggeditem_tag ON taggit_taggeditem ("tag");

CREATE TABLE common_dataoutput (
    id {{id}},
    "created" {{text}} NOT NULL,
    "user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "total" BIGINT DEFAULT 1 NOT NULL,
    "progress" BIGINT DEFAULT 0 NOT NULL,
    "complete" BOOLEAN DEFAULT FALSE NOT NULL,
    "output_type" {{text}},
    "template_name" {{text}},
    "plugin" {{text}},
    "output" {{text}} DEFAULT '' NOT NULL,
    "errors" {{text}},
    CONSTRAINT "total" CHECK ("total" >= 0),
    CONSTRAINT "progress" CHECK ("progress" >= 0)
);
CREATE INDEX common_dataoutput_created ON common_dataoutput ("created");
CREATE INDEX common_dataoutput_user ON common_dataoutput ("user") WHERE "user" IS NOT NULL;

CREATE TABLE common_barcodescanresult (
    id {{id}},
    "data" {{text}} NOT NULL,
    "user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "timestamp" {{text}} NOT NULL,
    "endpoint" {{text}},
    "context" {{text}},
    "response" {{text}},
    "result" BOOLEAN DEFAULT FALSE NOT NULL
);
CREATE INDEX common_barcodescanresult_timestamp ON common_barcodescanresult ("timestamp");
CREATE INDEX common_barcodescanresult_user ON common_barcodescanresult ("user") WHERE "user" IS NOT NULL;

CREATE TABLE stock_stocklocationtype (
    id {{id}},
    "name" {{text}} NOT NULL,
    "description" {{text}} DEFAULT '' NOT NULL,
    "icon" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}}
);

CREATE TABLE stock_stocklocation (
    id {{id}},
    "custom_icon" {{text}},
    "owner" BIGINT REFERENCES users_owner (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "structural" BOOLEAN DEFAULT FALSE NOT NULL,
    "external" BOOLEAN DEFAULT FALSE NOT NULL,
    "location_type" BIGINT REFERENCES stock_stocklocationtype (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "name" {{text}} NOT NULL,
    "description" {{text}} DEFAULT '' NOT NULL,
    "parent" BIGINT REFERENCES stock_stocklocation (id) ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED,
    "pathstring" {{text}} DEFAULT '' NOT NULL,
    "tree_path" {{text}} DEFAULT '' NOT NULL,
    "tree_end" {{text}} GENERATED ALWAYS AS (RTRIM("tree_path", '/') || '0') STORED,
    "tree_id" BIGINT DEFAULT 0 NOT NULL,
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "tree_id" CHECK ("tree_id" >= 0)
);
CREATE INDEX stock_stocklocation_name ON stock_stocklocation ("name");
CREATE INDEX stock_stocklocation_pathstring ON stock_stocklocation ("pathstring");
CREATE INDEX stock_stocklocation_barcode_hash ON stock_stocklocation ("barcode_hash");
CREATE INDEX stock_stocklocation_owner ON stock_stocklocation ("owner") WHERE "owner" IS NOT NULL;
CREATE INDEX stock_stocklocation_location_type ON stock_stocklocation ("location_type") WHERE "location_type" IS NOT NULL;
CREATE INDEX stock_stocklocation_parent ON stock_stocklocation ("parent") WHERE "parent" IS NOT NULL;
CREATE INDEX stock_stocklocation_tree_path ON stock_stocklocation ("tree_path");

CREATE TABLE part_partcategory (
    id {{id}},
    "default_location" BIGINT REFERENCES stock_stocklocation (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "structural" BOOLEAN DEFAULT FALSE NOT NULL,
    "default_keywords" {{text}},
    "icon" {{text}},
    "name" {{text}} NOT NULL,
    "description" {{text}} DEFAULT '' NOT NULL,
    "parent" BIGINT REFERENCES part_partcategory (id) ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED,
    "pathstring" {{text}} DEFAULT '' NOT NULL,
    "tree_path" {{text}} DEFAULT '' NOT NULL,
    "tree_end" {{text}} GENERATED ALWAYS AS (RTRIM("tree_path", '/') || '0') STORED,
    "tree_id" BIGINT DEFAULT 0 NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "tree_id" CHECK ("tree_id" >= 0)
);
CREATE INDEX part_partcategory_name ON part_partcategory ("name");
CREATE INDEX part_partcategory_pathstring ON part_partcategory ("pathstring");
CREATE INDEX part_partcategory_default_location ON part_partcategory ("default_location") WHERE "default_location" IS NOT NULL;
CREATE INDEX part_partcategory_parent ON part_partcategory ("parent") WHERE "parent" IS NOT NULL;
CREATE INDEX part_partcategory_tree_path ON part_partcategory ("tree_path");

CREATE TABLE part_part (
    id {{id}},
    "name" {{text}} NOT NULL,
    "is_template" BOOLEAN DEFAULT FALSE NOT NULL,
    "variant_of" BIGINT REFERENCES part_part (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "description" {{text}} DEFAULT '' NOT NULL,
    "keywords" {{text}},
    "category" BIGINT REFERENCES part_partcategory (id) ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED,
    "IPN" {{text}},
    "revision" {{text}},
    "revision_of" BIGINT REFERENCES part_part (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "link" {{text}},
    "default_location" BIGINT REFERENCES stock_stocklocation (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "default_expiry" BIGINT DEFAULT 0 NOT NULL,
    "minimum_stock" BIGINT DEFAULT 0 NOT NULL,
    "maximum_stock" BIGINT DEFAULT 0 NOT NULL,
    "units" {{text}} DEFAULT '',
    "assembly" BOOLEAN DEFAULT FALSE NOT NULL,
    "component" BOOLEAN DEFAULT TRUE NOT NULL,
    "trackable" BOOLEAN DEFAULT FALSE NOT NULL,
    "testable" BOOLEAN DEFAULT FALSE NOT NULL,
    "purchaseable" BOOLEAN DEFAULT TRUE NOT NULL,
    "salable" BOOLEAN DEFAULT FALSE NOT NULL,
    "active" BOOLEAN DEFAULT TRUE NOT NULL,
    "locked" BOOLEAN DEFAULT FALSE NOT NULL,
    "virtual" BOOLEAN DEFAULT FALSE NOT NULL,
    "consumable" BOOLEAN DEFAULT FALSE NOT NULL,
    "bom_validated" BOOLEAN DEFAULT FALSE NOT NULL,
    "bom_checksum" {{text}} DEFAULT '' NOT NULL,
    "bom_checked_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "bom_checked_date" {{text}},
    "creation_date" {{text}},
    "creation_user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "responsible_owner" BIGINT REFERENCES users_owner (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "base_cost" BIGINT DEFAULT 0 NOT NULL,
    "multiple" BIGINT DEFAULT 1 NOT NULL,
    "image" {{text}} DEFAULT '' NOT NULL,
    "tree_path" {{text}} DEFAULT '' NOT NULL,
    "tree_end" {{text}} GENERATED ALWAYS AS (RTRIM("tree_path", '/') || '0') STORED,
    "tree_id" BIGINT DEFAULT 0 NOT NULL,
    "notes" {{text}},
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    UNIQUE ("name", "IPN", "revision"),
    CONSTRAINT "default_expiry" CHECK ("default_expiry" >= 0),
    CONSTRAINT "minimum_stock" CHECK ("minimum_stock" >= 0),
    CONSTRAINT "maximum_stock" CHECK ("maximum_stock" >= 0),
    CONSTRAINT "base_cost" CHECK ("base_cost" >= 0),
    CONSTRAINT "multiple" CHECK ("multiple" >= 1),
    CONSTRAINT "tree_id" CHECK ("tree_id" >= 0)
);
CREATE INDEX part_part_name ON part_part ("name");
CREATE INDEX part_part_IPN ON part_part ("IPN");
CREATE INDEX part_part_active ON part_part ("active");
CREATE INDEX part_part_creation_date ON part_part ("creation_date");
CREATE INDEX part_part_barcode_hash ON part_part ("barcode_hash");
CREATE INDEX part_part_variant_of ON part_part ("variant_of") WHERE "variant_of" IS NOT NULL;
CREATE INDEX part_part_category ON part_part ("category") WHERE "category" IS NOT NULL;
CREATE INDEX part_part_revision_of ON part_part ("revision_of") WHERE "revision_of" IS NOT NULL;
CREATE INDEX part_part_default_location ON part_part ("default_location") WHERE "default_location" IS NOT NULL;
CREATE INDEX part_part_bom_checked_by ON part_part ("bom_checked_by") WHERE "bom_checked_by" IS NOT NULL;
CREATE INDEX part_part_creation_user ON part_part ("creation_user") WHERE "creation_user" IS NOT NULL;
CREATE INDEX part_part_responsible_owner ON part_part ("responsible_owner") WHERE "responsible_owner" IS NOT NULL;
CREATE INDEX part_part_tree_path ON part_part ("tree_path");

CREATE TABLE part_partcategoryparametertemplate (
    id {{id}},
    "category" BIGINT NOT NULL REFERENCES part_partcategory (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "template" BIGINT NOT NULL REFERENCES common_parametertemplate (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "default_value" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    UNIQUE ("category", "template")
);
CREATE INDEX part_partcategoryparametertemplate_template ON part_partcategoryparametertemplate ("template");

CREATE TABLE part_partrelated (
    id {{id}},
    "part_1" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "part_2" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "note" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    UNIQUE ("part_1", "part_2")
);
CREATE INDEX part_partrelated_part_2 ON part_partrelated ("part_2");

CREATE TABLE part_parttesttemplate (
    id {{id}},
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "test_name" {{text}} NOT NULL,
    "key" {{text}} DEFAULT '' NOT NULL,
    "description" {{text}},
    "enabled" BOOLEAN DEFAULT TRUE NOT NULL,
    "required" BOOLEAN DEFAULT TRUE NOT NULL,
    "requires_value" BOOLEAN DEFAULT FALSE NOT NULL,
    "requires_attachment" BOOLEAN DEFAULT FALSE NOT NULL,
    "choices" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}}
);
CREATE INDEX part_parttesttemplate_part ON part_parttesttemplate ("part");

CREATE TABLE part_partstar (
    id {{id}},
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "user" BIGINT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    UNIQUE ("part", "user")
);
CREATE INDEX part_partstar_user ON part_partstar ("user");

CREATE TABLE part_partcategorystar (
    id {{id}},
    "category" BIGINT NOT NULL REFERENCES part_partcategory (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "user" BIGINT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    UNIQUE ("category", "user")
);
CREATE INDEX part_partcategorystar_user ON part_partcategorystar ("user");

CREATE TABLE part_partsellpricebreak (
    id {{id}},
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "price" BIGINT,
    "price_currency" {{text}} DEFAULT '' NOT NULL,
    "updated" {{text}},
    UNIQUE ("part", "quantity"),
    CONSTRAINT "quantity" CHECK ("quantity" >= 100000),
    CONSTRAINT "price" CHECK ("price" >= 0)
);

CREATE TABLE part_partinternalpricebreak (
    id {{id}},
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "price" BIGINT,
    "price_currency" {{text}} DEFAULT '' NOT NULL,
    "updated" {{text}},
    UNIQUE ("part", "quantity"),
    CONSTRAINT "quantity" CHECK ("quantity" >= 100000),
    CONSTRAINT "price" CHECK ("price" >= 0)
);

CREATE TABLE part_partpricing (
    id {{id}},
    "currency" {{text}} DEFAULT '' NOT NULL,
    "scheduled_for_update" BOOLEAN DEFAULT FALSE NOT NULL,
    "part" BIGINT NOT NULL UNIQUE REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "bom_cost_min" BIGINT,
    "bom_cost_min_currency" {{text}} DEFAULT '' NOT NULL,
    "bom_cost_max" BIGINT,
    "bom_cost_max_currency" {{text}} DEFAULT '' NOT NULL,
    "purchase_cost_min" BIGINT,
    "purchase_cost_min_currency" {{text}} DEFAULT '' NOT NULL,
    "purchase_cost_max" BIGINT,
    "purchase_cost_max_currency" {{text}} DEFAULT '' NOT NULL,
    "internal_cost_min" BIGINT,
    "internal_cost_min_currency" {{text}} DEFAULT '' NOT NULL,
    "internal_cost_max" BIGINT,
    "internal_cost_max_currency" {{text}} DEFAULT '' NOT NULL,
    "supplier_price_min" BIGINT,
    "supplier_price_min_currency" {{text}} DEFAULT '' NOT NULL,
    "supplier_price_max" BIGINT,
    "supplier_price_max_currency" {{text}} DEFAULT '' NOT NULL,
    "variant_cost_min" BIGINT,
    "variant_cost_min_currency" {{text}} DEFAULT '' NOT NULL,
    "variant_cost_max" BIGINT,
    "variant_cost_max_currency" {{text}} DEFAULT '' NOT NULL,
    "override_min" BIGINT,
    "override_min_currency" {{text}} DEFAULT '' NOT NULL,
    "override_max" BIGINT,
    "override_max_currency" {{text}} DEFAULT '' NOT NULL,
    "overall_min" BIGINT,
    "overall_min_currency" {{text}} DEFAULT '' NOT NULL,
    "overall_max" BIGINT,
    "overall_max_currency" {{text}} DEFAULT '' NOT NULL,
    "sale_price_min" BIGINT,
    "sale_price_min_currency" {{text}} DEFAULT '' NOT NULL,
    "sale_price_max" BIGINT,
    "sale_price_max_currency" {{text}} DEFAULT '' NOT NULL,
    "sale_history_min" BIGINT,
    "sale_history_min_currency" {{text}} DEFAULT '' NOT NULL,
    "sale_history_max" BIGINT,
    "sale_history_max_currency" {{text}} DEFAULT '' NOT NULL,
    "updated" {{text}},
    CONSTRAINT "bom_cost_min" CHECK ("bom_cost_min" >= 0),
    CONSTRAINT "bom_cost_max" CHECK ("bom_cost_max" >= 0),
    CONSTRAINT "purchase_cost_min" CHECK ("purchase_cost_min" >= 0),
    CONSTRAINT "purchase_cost_max" CHECK ("purchase_cost_max" >= 0),
    CONSTRAINT "internal_cost_min" CHECK ("internal_cost_min" >= 0),
    CONSTRAINT "internal_cost_max" CHECK ("internal_cost_max" >= 0),
    CONSTRAINT "supplier_price_min" CHECK ("supplier_price_min" >= 0),
    CONSTRAINT "supplier_price_max" CHECK ("supplier_price_max" >= 0),
    CONSTRAINT "variant_cost_min" CHECK ("variant_cost_min" >= 0),
    CONSTRAINT "variant_cost_max" CHECK ("variant_cost_max" >= 0),
    CONSTRAINT "override_min" CHECK ("override_min" >= 0),
    CONSTRAINT "override_max" CHECK ("override_max" >= 0),
    CONSTRAINT "overall_min" CHECK ("overall_min" >= 0),
    CONSTRAINT "overall_max" CHECK ("overall_max" >= 0),
    CONSTRAINT "sale_price_min" CHECK ("sale_price_min" >= 0),
    CONSTRAINT "sale_price_max" CHECK ("sale_price_max" >= 0),
    CONSTRAINT "sale_history_min" CHECK ("sale_history_min" >= 0),
    CONSTRAINT "sale_history_max" CHECK ("sale_history_max" >= 0)
);
CREATE INDEX part_partpricing_scheduled_for_update ON part_partpricing ("scheduled_for_update");

CREATE TABLE part_partstocktake (
    id {{id}},
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "item_count" BIGINT DEFAULT 1 NOT NULL,
    "quantity" BIGINT NOT NULL,
    "date" {{text}} NOT NULL,
    "cost_min" BIGINT,
    "cost_min_currency" {{text}} DEFAULT '' NOT NULL,
    "cost_max" BIGINT,
    "cost_max_currency" {{text}} DEFAULT '' NOT NULL,
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "cost_min" CHECK ("cost_min" >= 0),
    CONSTRAINT "cost_max" CHECK ("cost_max" >= 0)
);
CREATE INDEX part_partstocktake_date ON part_partstocktake ("date");
CREATE INDEX part_partstocktake_part ON part_partstocktake ("part");

CREATE TABLE part_bomitem (
    id {{id}},
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "sub_part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "raw_amount" {{text}} NOT NULL,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "piece_count" BIGINT DEFAULT 1 NOT NULL,
    "optional" BOOLEAN DEFAULT FALSE NOT NULL,
    "consumable" BOOLEAN DEFAULT FALSE NOT NULL,
    "setup_quantity" BIGINT DEFAULT 0 NOT NULL,
    "attrition" BIGINT DEFAULT 0 NOT NULL,
    "rounding_multiple" BIGINT,
    "reference" {{text}} DEFAULT '' NOT NULL,
    "note" {{text}} DEFAULT '' NOT NULL,
    "checksum" {{text}} DEFAULT '' NOT NULL,
    "validated" BOOLEAN DEFAULT FALSE NOT NULL,
    "inherited" BOOLEAN DEFAULT FALSE NOT NULL,
    "allow_variants" BOOLEAN DEFAULT FALSE NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "piece_count" CHECK ("piece_count" >= 1),
    CONSTRAINT "setup_quantity" CHECK ("setup_quantity" >= 0),
    CONSTRAINT "attrition" CHECK ("attrition" >= 0 AND "attrition" <= 100000),
    CONSTRAINT "rounding_multiple" CHECK ("rounding_multiple" >= 0)
);
CREATE INDEX part_bomitem_part ON part_bomitem ("part");
CREATE INDEX part_bomitem_sub_part ON part_bomitem ("sub_part");

CREATE TABLE part_bomitemsubstitute (
    id {{id}},
    "bom_item" BIGINT NOT NULL REFERENCES part_bomitem (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    UNIQUE ("part", "bom_item")
);
CREATE INDEX part_bomitemsubstitute_bom_item ON part_bomitemsubstitute ("bom_item");

CREATE TABLE company_company (
    id {{id}},
    "name" {{text}} NOT NULL,
    "description" {{text}} DEFAULT '' NOT NULL,
    "website" {{text}} DEFAULT '' NOT NULL,
    "phone" {{text}} DEFAULT '' NOT NULL,
    "email" {{text}},
    "contact" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}} DEFAULT '' NOT NULL,
    "active" BOOLEAN DEFAULT TRUE NOT NULL,
    "is_customer" BOOLEAN DEFAULT FALSE NOT NULL,
    "is_supplier" BOOLEAN DEFAULT TRUE NOT NULL,
    "is_manufacturer" BOOLEAN DEFAULT FALSE NOT NULL,
    "currency" {{text}} DEFAULT '' NOT NULL,
    "tax_id" {{text}} DEFAULT '' NOT NULL,
    "image" {{text}} DEFAULT '' NOT NULL,
    "notes" {{text}},
    "metadata" {{text}},
    UNIQUE ("name", "email")
);
CREATE INDEX company_company_name ON company_company ("name");

CREATE TABLE company_contact (
    id {{id}},
    "company" BIGINT NOT NULL REFERENCES company_company (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "name" {{text}} NOT NULL,
    "phone" {{text}} DEFAULT '' NOT NULL,
    "email" {{text}} DEFAULT '' NOT NULL,
    "role" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}}
);
CREATE INDEX company_contact_company ON company_contact ("company");

CREATE TABLE company_address (
    id {{id}},
    "company" BIGINT NOT NULL REFERENCES company_company (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "title" {{text}} NOT NULL,
    "primary" BOOLEAN DEFAULT FALSE NOT NULL,
    "line1" {{text}} DEFAULT '' NOT NULL,
    "line2" {{text}} DEFAULT '' NOT NULL,
    "postal_code" {{text}} DEFAULT '' NOT NULL,
    "postal_city" {{text}} DEFAULT '' NOT NULL,
    "province" {{text}} DEFAULT '' NOT NULL,
    "country" {{text}} DEFAULT '' NOT NULL,
    "shipping_notes" {{text}} DEFAULT '' NOT NULL,
    "internal_shipping_notes" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}} DEFAULT '' NOT NULL
);
CREATE INDEX company_address_company ON company_address ("company");

CREATE TABLE company_manufacturerpart (
    id {{id}},
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "manufacturer" BIGINT REFERENCES company_company (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "MPN" {{text}},
    "link" {{text}},
    "description" {{text}},
    "notes" {{text}},
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    UNIQUE ("part", "manufacturer", "MPN")
);
CREATE INDEX company_manufacturerpart_MPN ON company_manufacturerpart ("MPN");
CREATE INDEX company_manufacturerpart_barcode_hash ON company_manufacturerpart ("barcode_hash");
CREATE INDEX company_manufacturerpart_manufacturer ON company_manufacturerpart ("manufacturer") WHERE "manufacturer" IS NOT NULL;

CREATE TABLE company_supplierpart (
    id {{id}},
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "supplier" BIGINT NOT NULL REFERENCES company_company (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "SKU" {{text}} NOT NULL,
    "active" BOOLEAN DEFAULT TRUE NOT NULL,
    "primary" BOOLEAN DEFAULT FALSE NOT NULL,
    "manufacturer_part" BIGINT REFERENCES company_manufacturerpart (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "link" {{text}},
    "description" {{text}},
    "note" {{text}},
    "base_cost" BIGINT DEFAULT 0 NOT NULL,
    "packaging" {{text}},
    "pack_quantity" {{text}} DEFAULT '' NOT NULL,
    "pack_quantity_native" BIGINT DEFAULT 10000000000,
    "multiple" BIGINT DEFAULT 1 NOT NULL,
    "available" BIGINT DEFAULT 0 NOT NULL,
    "availability_updated" {{text}},
    "updated" {{text}},
    "notes" {{text}},
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    UNIQUE ("part", "supplier", "SKU"),
    CONSTRAINT "base_cost" CHECK ("base_cost" >= 0),
    CONSTRAINT "multiple" CHECK ("multiple" >= 1),
    CONSTRAINT "available" CHECK ("available" >= 0)
);
CREATE INDEX company_supplierpart_SKU ON company_supplierpart ("SKU");
CREATE INDEX company_supplierpart_barcode_hash ON company_supplierpart ("barcode_hash");
CREATE INDEX company_supplierpart_supplier ON company_supplierpart ("supplier");
CREATE INDEX company_supplierpart_manufacturer_part ON company_supplierpart ("manufacturer_part") WHERE "manufacturer_part" IS NOT NULL;

CREATE TABLE company_supplierpricebreak (
    id {{id}},
    "part" BIGINT NOT NULL REFERENCES company_supplierpart (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "price" BIGINT,
    "price_currency" {{text}} DEFAULT '' NOT NULL,
    "updated" {{text}},
    UNIQUE ("part", "quantity"),
    CONSTRAINT "quantity" CHECK ("quantity" >= 100000),
    CONSTRAINT "price" CHECK ("price" >= 0)
);

CREATE TABLE order_salesorder (
    id {{id}},
    "customer" BIGINT REFERENCES company_company (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "customer_reference" {{text}} DEFAULT '' NOT NULL,
    "shipment_date" {{text}},
    "shipped_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "total_price" BIGINT,
    "total_price_currency" {{text}} DEFAULT '' NOT NULL,
    "order_currency" {{text}},
    "reference" {{text}} NOT NULL UNIQUE,
    "status" BIGINT DEFAULT 10 NOT NULL,
    "status_custom_key" BIGINT,
    "description" {{text}} DEFAULT '' NOT NULL,
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "link" {{text}} DEFAULT '' NOT NULL,
    "start_date" {{text}},
    "target_date" {{text}},
    "creation_date" {{text}},
    "created_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "issue_date" {{text}},
    "updated_at" {{text}},
    "responsible" BIGINT REFERENCES users_owner (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "contact" BIGINT REFERENCES company_contact (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "address" BIGINT REFERENCES company_address (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "reference_int" BIGINT DEFAULT 0 NOT NULL,
    "notes" {{text}},
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "total_price" CHECK ("total_price" >= 0),
    CONSTRAINT "status" CHECK ("status" >= 0),
    CONSTRAINT "status_custom_key" CHECK ("status_custom_key" >= 0)
);
CREATE INDEX order_salesorder_reference_int ON order_salesorder ("reference_int");
CREATE INDEX order_salesorder_status ON order_salesorder ("status");
CREATE INDEX order_salesorder_target_date ON order_salesorder ("target_date");
CREATE INDEX order_salesorder_creation_date ON order_salesorder ("creation_date");
CREATE INDEX order_salesorder_barcode_hash ON order_salesorder ("barcode_hash");
CREATE INDEX order_salesorder_customer ON order_salesorder ("customer") WHERE "customer" IS NOT NULL;
CREATE INDEX order_salesorder_shipped_by ON order_salesorder ("shipped_by") WHERE "shipped_by" IS NOT NULL;
CREATE INDEX order_salesorder_project_code ON order_salesorder ("project_code") WHERE "project_code" IS NOT NULL;
CREATE INDEX order_salesorder_created_by ON order_salesorder ("created_by") WHERE "created_by" IS NOT NULL;
CREATE INDEX order_salesorder_responsible ON order_salesorder ("responsible") WHERE "responsible" IS NOT NULL;
CREATE INDEX order_salesorder_contact ON order_salesorder ("contact") WHERE "contact" IS NOT NULL;
CREATE INDEX order_salesorder_address ON order_salesorder ("address") WHERE "address" IS NOT NULL;

CREATE TABLE build_build (
    id {{id}},
    "reference" {{text}} NOT NULL UNIQUE,
    "title" {{text}} DEFAULT '' NOT NULL,
    "parent" BIGINT REFERENCES build_build (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "sales_order" BIGINT REFERENCES order_salesorder (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "take_from" BIGINT REFERENCES stock_stocklocation (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "external" BOOLEAN DEFAULT FALSE NOT NULL,
    "destination" BIGINT REFERENCES stock_stocklocation (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "quantity" BIGINT DEFAULT 1 NOT NULL,
    "completed" BIGINT DEFAULT 0 NOT NULL,
    "status" BIGINT DEFAULT 10 NOT NULL,
    "status_custom_key" BIGINT,
    "batch" {{text}},
    "creation_date" {{text}} NOT NULL,
    "start_date" {{text}},
    "target_date" {{text}},
    "completion_date" {{text}},
    "completed_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "issued_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "responsible" BIGINT REFERENCES users_owner (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "link" {{text}} DEFAULT '' NOT NULL,
    "priority" BIGINT DEFAULT 0 NOT NULL,
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "reference_int" BIGINT DEFAULT 0 NOT NULL,
    "tree_path" {{text}} DEFAULT '' NOT NULL,
    "tree_end" {{text}} GENERATED ALWAYS AS (RTRIM("tree_path", '/') || '0') STORED,
    "tree_id" BIGINT DEFAULT 0 NOT NULL,
    "notes" {{text}},
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "quantity" CHECK ("quantity" >= 1),
    CONSTRAINT "completed" CHECK ("completed" >= 0),
    CONSTRAINT "status" CHECK ("status" >= 0),
    CONSTRAINT "status_custom_key" CHECK ("status_custom_key" >= 0),
    CONSTRAINT "priority" CHECK ("priority" >= 0),
    CONSTRAINT "tree_id" CHECK ("tree_id" >= 0)
);
CREATE INDEX build_build_reference_int ON build_build ("reference_int");
CREATE INDEX build_build_status ON build_build ("status");
CREATE INDEX build_build_target_date ON build_build ("target_date");
CREATE INDEX build_build_barcode_hash ON build_build ("barcode_hash");
CREATE INDEX build_build_parent ON build_build ("parent") WHERE "parent" IS NOT NULL;
CREATE INDEX build_build_part ON build_build ("part");
CREATE INDEX build_build_sales_order ON build_build ("sales_order") WHERE "sales_order" IS NOT NULL;
CREATE INDEX build_build_take_from ON build_build ("take_from") WHERE "take_from" IS NOT NULL;
CREATE INDEX build_build_destination ON build_build ("destination") WHERE "destination" IS NOT NULL;
CREATE INDEX build_build_completed_by ON build_build ("completed_by") WHERE "completed_by" IS NOT NULL;
CREATE INDEX build_build_issued_by ON build_build ("issued_by") WHERE "issued_by" IS NOT NULL;
CREATE INDEX build_build_responsible ON build_build ("responsible") WHERE "responsible" IS NOT NULL;
CREATE INDEX build_build_project_code ON build_build ("project_code") WHERE "project_code" IS NOT NULL;
CREATE INDEX build_build_tree_path ON build_build ("tree_path");

CREATE TABLE order_purchaseorder (
    id {{id}},
    "supplier" BIGINT REFERENCES company_company (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "supplier_reference" {{text}} DEFAULT '' NOT NULL,
    "received_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "complete_date" {{text}},
    "destination" BIGINT REFERENCES stock_stocklocation (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "total_price" BIGINT,
    "total_price_currency" {{text}} DEFAULT '' NOT NULL,
    "order_currency" {{text}},
    "reference" {{text}} NOT NULL UNIQUE,
    "status" BIGINT DEFAULT 10 NOT NULL,
    "status_custom_key" BIGINT,
    "description" {{text}} DEFAULT '' NOT NULL,
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "link" {{text}} DEFAULT '' NOT NULL,
    "start_date" {{text}},
    "target_date" {{text}},
    "creation_date" {{text}},
    "created_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "issue_date" {{text}},
    "updated_at" {{text}},
    "responsible" BIGINT REFERENCES users_owner (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "contact" BIGINT REFERENCES company_contact (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "address" BIGINT REFERENCES company_address (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "reference_int" BIGINT DEFAULT 0 NOT NULL,
    "notes" {{text}},
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "total_price" CHECK ("total_price" >= 0),
    CONSTRAINT "status" CHECK ("status" >= 0),
    CONSTRAINT "status_custom_key" CHECK ("status_custom_key" >= 0)
);
CREATE INDEX order_purchaseorder_reference_int ON order_purchaseorder ("reference_int");
CREATE INDEX order_purchaseorder_status ON order_purchaseorder ("status");
CREATE INDEX order_purchaseorder_target_date ON order_purchaseorder ("target_date");
CREATE INDEX order_purchaseorder_creation_date ON order_purchaseorder ("creation_date");
CREATE INDEX order_purchaseorder_barcode_hash ON order_purchaseorder ("barcode_hash");
CREATE INDEX order_purchaseorder_supplier ON order_purchaseorder ("supplier") WHERE "supplier" IS NOT NULL;
CREATE INDEX order_purchaseorder_received_by ON order_purchaseorder ("received_by") WHERE "received_by" IS NOT NULL;
CREATE INDEX order_purchaseorder_destination ON order_purchaseorder ("destination") WHERE "destination" IS NOT NULL;
CREATE INDEX order_purchaseorder_project_code ON order_purchaseorder ("project_code") WHERE "project_code" IS NOT NULL;
CREATE INDEX order_purchaseorder_created_by ON order_purchaseorder ("created_by") WHERE "created_by" IS NOT NULL;
CREATE INDEX order_purchaseorder_responsible ON order_purchaseorder ("responsible") WHERE "responsible" IS NOT NULL;
CREATE INDEX order_purchaseorder_contact ON order_purchaseorder ("contact") WHERE "contact" IS NOT NULL;
CREATE INDEX order_purchaseorder_address ON order_purchaseorder ("address") WHERE "address" IS NOT NULL;

CREATE TABLE order_purchaseorderlineitem (
    id {{id}},
    "order" BIGINT NOT NULL REFERENCES order_purchaseorder (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "part" BIGINT REFERENCES company_supplierpart (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "received" BIGINT DEFAULT 0 NOT NULL,
    "purchase_price" BIGINT,
    "purchase_price_currency" {{text}} DEFAULT '' NOT NULL,
    "build_order" BIGINT REFERENCES build_build (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "destination" BIGINT REFERENCES stock_stocklocation (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "discount" BIGINT DEFAULT 0 NOT NULL,
    "line" {{text}} DEFAULT '' NOT NULL,
    "line_int" BIGINT DEFAULT 0 NOT NULL,
    "reference" {{text}} DEFAULT '' NOT NULL,
    "notes" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}} DEFAULT '' NOT NULL,
    "target_date" {{text}},
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    CONSTRAINT "purchase_price" CHECK ("purchase_price" >= 0),
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "discount" CHECK ("discount" >= 0 AND "discount" <= 10000)
);
CREATE INDEX order_purchaseorderlineitem_order ON order_purchaseorderlineitem ("order");
CREATE INDEX order_purchaseorderlineitem_part ON order_purchaseorderlineitem ("part") WHERE "part" IS NOT NULL;
CREATE INDEX order_purchaseorderlineitem_build_order ON order_purchaseorderlineitem ("build_order") WHERE "build_order" IS NOT NULL;
CREATE INDEX order_purchaseorderlineitem_destination ON order_purchaseorderlineitem ("destination") WHERE "destination" IS NOT NULL;
CREATE INDEX order_purchaseorderlineitem_project_code ON order_purchaseorderlineitem ("project_code") WHERE "project_code" IS NOT NULL;

CREATE TABLE order_purchaseorderextraline (
    id {{id}},
    "order" BIGINT NOT NULL REFERENCES order_purchaseorder (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "description" {{text}} DEFAULT '' NOT NULL,
    "context" {{text}},
    "price" BIGINT,
    "price_currency" {{text}} DEFAULT '' NOT NULL,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "discount" BIGINT DEFAULT 0 NOT NULL,
    "line" {{text}} DEFAULT '' NOT NULL,
    "line_int" BIGINT DEFAULT 0 NOT NULL,
    "reference" {{text}} DEFAULT '' NOT NULL,
    "notes" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}} DEFAULT '' NOT NULL,
    "target_date" {{text}},
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "discount" CHECK ("discount" >= 0 AND "discount" <= 10000)
);
CREATE INDEX order_purchaseorderextraline_order ON order_purchaseorderextraline ("order");
CREATE INDEX order_purchaseorderextraline_project_code ON order_purchaseorderextraline ("project_code") WHERE "project_code" IS NOT NULL;

CREATE TABLE stock_stockitem (
    id {{id}},
    "parent" BIGINT REFERENCES stock_stockitem (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "part" BIGINT NOT NULL REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "supplier_part" BIGINT REFERENCES company_supplierpart (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "location" BIGINT REFERENCES stock_stocklocation (id) ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED,
    "packaging" {{text}},
    "belongs_to" BIGINT REFERENCES stock_stockitem (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "customer" BIGINT REFERENCES company_company (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "serial" {{text}},
    "serial_int" BIGINT DEFAULT 0 NOT NULL,
    "serial_space" BIGINT,
    "link" {{text}} DEFAULT '' NOT NULL,
    "batch" {{text}},
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "build" BIGINT REFERENCES build_build (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "consumed_by" BIGINT REFERENCES build_build (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "is_building" BOOLEAN DEFAULT FALSE NOT NULL,
    "purchase_order" BIGINT REFERENCES order_purchaseorder (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "sales_order" BIGINT REFERENCES order_salesorder (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "expiry_date" {{text}},
    "stocktake_date" {{text}},
    "stocktake_user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "creation_date" {{text}},
    "delete_on_deplete" BOOLEAN DEFAULT TRUE NOT NULL,
    "status" BIGINT DEFAULT 10 NOT NULL,
    "status_custom_key" BIGINT,
    "purchase_price" BIGINT,
    "purchase_price_currency" {{text}} DEFAULT '' NOT NULL,
    "owner" BIGINT REFERENCES users_owner (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "updated" {{text}},
    "notes" {{text}},
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "status" CHECK ("status" >= 0),
    CONSTRAINT "status_custom_key" CHECK ("status_custom_key" >= 0),
    CONSTRAINT "purchase_price" CHECK ("purchase_price" >= 0)
);
CREATE UNIQUE INDEX stock_stockitem_serial_space_serial ON stock_stockitem ("serial_space", "serial") WHERE serial_space IS NOT NULL;
CREATE INDEX stock_stockitem_part_location ON stock_stockitem ("part", "location");
CREATE INDEX stock_stockitem_serial ON stock_stockitem ("serial");
CREATE INDEX stock_stockitem_serial_int ON stock_stockitem ("serial_int");
CREATE INDEX stock_stockitem_batch ON stock_stockitem ("batch");
CREATE INDEX stock_stockitem_expiry_date ON stock_stockitem ("expiry_date");
CREATE INDEX stock_stockitem_updated ON stock_stockitem ("updated");
CREATE INDEX stock_stockitem_stocktake_date ON stock_stockitem ("stocktake_date");
CREATE INDEX stock_stockitem_creation_date ON stock_stockitem ("creation_date");
CREATE INDEX stock_stockitem_barcode_hash ON stock_stockitem ("barcode_hash");
CREATE INDEX stock_stockitem_part_quantity ON stock_stockitem ("part", "quantity") WHERE quantity > 0 AND sales_order IS NULL AND belongs_to IS NULL AND customer IS NULL AND consumed_by IS NULL AND NOT is_building AND status IN (10, 50, 55, 85);
CREATE INDEX stock_stockitem_serial_space_serial_int ON stock_stockitem ("serial_space", "serial_int") WHERE serial_int > 0;
CREATE INDEX stock_stockitem_parent ON stock_stockitem ("parent") WHERE "parent" IS NOT NULL;
CREATE INDEX stock_stockitem_supplier_part ON stock_stockitem ("supplier_part") WHERE "supplier_part" IS NOT NULL;
CREATE INDEX stock_stockitem_location ON stock_stockitem ("location") WHERE "location" IS NOT NULL;
CREATE INDEX stock_stockitem_belongs_to ON stock_stockitem ("belongs_to") WHERE "belongs_to" IS NOT NULL;
CREATE INDEX stock_stockitem_customer ON stock_stockitem ("customer") WHERE "customer" IS NOT NULL;
CREATE INDEX stock_stockitem_build ON stock_stockitem ("build") WHERE "build" IS NOT NULL;
CREATE INDEX stock_stockitem_consumed_by ON stock_stockitem ("consumed_by") WHERE "consumed_by" IS NOT NULL;
CREATE INDEX stock_stockitem_purchase_order ON stock_stockitem ("purchase_order") WHERE "purchase_order" IS NOT NULL;
CREATE INDEX stock_stockitem_sales_order ON stock_stockitem ("sales_order") WHERE "sales_order" IS NOT NULL;
CREATE INDEX stock_stockitem_stocktake_user ON stock_stockitem ("stocktake_user") WHERE "stocktake_user" IS NOT NULL;
CREATE INDEX stock_stockitem_owner ON stock_stockitem ("owner") WHERE "owner" IS NOT NULL;

CREATE TABLE stock_stockitemtracking (
    id {{id}},
    "tracking_type" BIGINT DEFAULT 0 NOT NULL,
    "item" BIGINT REFERENCES stock_stockitem (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "part" BIGINT REFERENCES part_part (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "date" {{text}} NOT NULL,
    "notes" {{text}},
    "user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "deltas" {{text}},
    "item_key" BIGINT,
    "ended" {{text}},
    "after_part" BIGINT,
    "after_location" BIGINT,
    "after_stock" BIGINT,
    CONSTRAINT "after_stock" CHECK ("after_stock" >= 0)
);
CREATE INDEX stock_stockitemtracking_item_date ON stock_stockitemtracking ("item", "date");
CREATE INDEX stock_stockitemtracking_part_date ON stock_stockitemtracking ("part", "date");
CREATE INDEX stock_stockitemtracking_date ON stock_stockitemtracking ("date");
CREATE INDEX stock_stockitemtracking_tracking_type ON stock_stockitemtracking ("tracking_type");
CREATE INDEX stock_stockitemtracking_user ON stock_stockitemtracking ("user") WHERE "user" IS NOT NULL;
CREATE INDEX stock_stockitemtracking_item_key ON stock_stockitemtracking ("item_key");
CREATE INDEX stock_stockitemtracking_after_location ON stock_stockitemtracking ("after_location");

CREATE TABLE stock_stockitemtestresult (
    id {{id}},
    "stock_item" BIGINT NOT NULL REFERENCES stock_stockitem (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "template" BIGINT NOT NULL REFERENCES part_parttesttemplate (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "result" BOOLEAN DEFAULT FALSE NOT NULL,
    "value" {{text}} DEFAULT '' NOT NULL,
    "attachment" {{text}} DEFAULT '' NOT NULL,
    "notes" {{text}} DEFAULT '' NOT NULL,
    "user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "test_station" {{text}} DEFAULT '' NOT NULL,
    "started_datetime" {{text}},
    "finished_datetime" {{text}},
    "date" {{text}} NOT NULL,
    "metadata" {{text}}
);
CREATE INDEX stock_stockitemtestresult_date ON stock_stockitemtestresult ("date");
CREATE INDEX stock_stockitemtestresult_stock_item ON stock_stockitemtestresult ("stock_item");
CREATE INDEX stock_stockitemtestresult_template ON stock_stockitemtestresult ("template");
CREATE INDEX stock_stockitemtestresult_user ON stock_stockitemtestresult ("user") WHERE "user" IS NOT NULL;

CREATE TABLE order_salesorderlineitem (
    id {{id}},
    "order" BIGINT NOT NULL REFERENCES order_salesorder (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "part" BIGINT REFERENCES part_part (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "sale_price" BIGINT,
    "sale_price_currency" {{text}} DEFAULT '' NOT NULL,
    "shipped" BIGINT DEFAULT 0 NOT NULL,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "discount" BIGINT DEFAULT 0 NOT NULL,
    "line" {{text}} DEFAULT '' NOT NULL,
    "line_int" BIGINT DEFAULT 0 NOT NULL,
    "reference" {{text}} DEFAULT '' NOT NULL,
    "notes" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}} DEFAULT '' NOT NULL,
    "target_date" {{text}},
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    CONSTRAINT "sale_price" CHECK ("sale_price" >= 0),
    CONSTRAINT "shipped" CHECK ("shipped" >= 0),
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "discount" CHECK ("discount" >= 0 AND "discount" <= 10000)
);
CREATE INDEX order_salesorderlineitem_order ON order_salesorderlineitem ("order");
CREATE INDEX order_salesorderlineitem_part ON order_salesorderlineitem ("part") WHERE "part" IS NOT NULL;
CREATE INDEX order_salesorderlineitem_project_code ON order_salesorderlineitem ("project_code") WHERE "project_code" IS NOT NULL;

CREATE TABLE order_salesorderextraline (
    id {{id}},
    "order" BIGINT NOT NULL REFERENCES order_salesorder (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "description" {{text}} DEFAULT '' NOT NULL,
    "context" {{text}},
    "price" BIGINT,
    "price_currency" {{text}} DEFAULT '' NOT NULL,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "discount" BIGINT DEFAULT 0 NOT NULL,
    "line" {{text}} DEFAULT '' NOT NULL,
    "line_int" BIGINT DEFAULT 0 NOT NULL,
    "reference" {{text}} DEFAULT '' NOT NULL,
    "notes" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}} DEFAULT '' NOT NULL,
    "target_date" {{text}},
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "discount" CHECK ("discount" >= 0 AND "discount" <= 10000)
);
CREATE INDEX order_salesorderextraline_order ON order_salesorderextraline ("order");
CREATE INDEX order_salesorderextraline_project_code ON order_salesorderextraline ("project_code") WHERE "project_code" IS NOT NULL;

CREATE TABLE order_salesordershipment (
    id {{id}},
    "order" BIGINT NOT NULL REFERENCES order_salesorder (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "shipment_address" BIGINT REFERENCES company_address (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "shipment_date" {{text}},
    "delivery_date" {{text}},
    "checked_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "reference" {{text}} DEFAULT '1' NOT NULL,
    "tracking_number" {{text}} DEFAULT '' NOT NULL,
    "invoice_number" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}} DEFAULT '' NOT NULL,
    "notes" {{text}},
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    UNIQUE ("order", "reference")
);
CREATE INDEX order_salesordershipment_barcode_hash ON order_salesordershipment ("barcode_hash");
CREATE INDEX order_salesordershipment_shipment_address ON order_salesordershipment ("shipment_address") WHERE "shipment_address" IS NOT NULL;
CREATE INDEX order_salesordershipment_checked_by ON order_salesordershipment ("checked_by") WHERE "checked_by" IS NOT NULL;

CREATE TABLE order_salesorderallocation (
    id {{id}},
    "line" BIGINT NOT NULL REFERENCES order_salesorderlineitem (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "shipment" BIGINT REFERENCES order_salesordershipment (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "item" BIGINT NOT NULL REFERENCES stock_stockitem (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    CONSTRAINT "quantity" CHECK ("quantity" >= 0)
);
CREATE INDEX order_salesorderallocation_line ON order_salesorderallocation ("line");
CREATE INDEX order_salesorderallocation_shipment ON order_salesorderallocation ("shipment") WHERE "shipment" IS NOT NULL;
CREATE INDEX order_salesorderallocation_item ON order_salesorderallocation ("item");

CREATE TABLE order_returnorder (
    id {{id}},
    "customer" BIGINT REFERENCES company_company (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "customer_reference" {{text}} DEFAULT '' NOT NULL,
    "complete_date" {{text}},
    "total_price" BIGINT,
    "total_price_currency" {{text}} DEFAULT '' NOT NULL,
    "order_currency" {{text}},
    "reference" {{text}} NOT NULL UNIQUE,
    "status" BIGINT DEFAULT 10 NOT NULL,
    "status_custom_key" BIGINT,
    "description" {{text}} DEFAULT '' NOT NULL,
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "link" {{text}} DEFAULT '' NOT NULL,
    "start_date" {{text}},
    "target_date" {{text}},
    "creation_date" {{text}},
    "created_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "issue_date" {{text}},
    "updated_at" {{text}},
    "responsible" BIGINT REFERENCES users_owner (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "contact" BIGINT REFERENCES company_contact (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "address" BIGINT REFERENCES company_address (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "reference_int" BIGINT DEFAULT 0 NOT NULL,
    "notes" {{text}},
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "total_price" CHECK ("total_price" >= 0),
    CONSTRAINT "status" CHECK ("status" >= 0),
    CONSTRAINT "status_custom_key" CHECK ("status_custom_key" >= 0)
);
CREATE INDEX order_returnorder_reference_int ON order_returnorder ("reference_int");
CREATE INDEX order_returnorder_status ON order_returnorder ("status");
CREATE INDEX order_returnorder_target_date ON order_returnorder ("target_date");
CREATE INDEX order_returnorder_creation_date ON order_returnorder ("creation_date");
CREATE INDEX order_returnorder_barcode_hash ON order_returnorder ("barcode_hash");
CREATE INDEX order_returnorder_customer ON order_returnorder ("customer") WHERE "customer" IS NOT NULL;
CREATE INDEX order_returnorder_project_code ON order_returnorder ("project_code") WHERE "project_code" IS NOT NULL;
CREATE INDEX order_returnorder_created_by ON order_returnorder ("created_by") WHERE "created_by" IS NOT NULL;
CREATE INDEX order_returnorder_responsible ON order_returnorder ("responsible") WHERE "responsible" IS NOT NULL;
CREATE INDEX order_returnorder_contact ON order_returnorder ("contact") WHERE "contact" IS NOT NULL;
CREATE INDEX order_returnorder_address ON order_returnorder ("address") WHERE "address" IS NOT NULL;

CREATE TABLE order_returnorderlineitem (
    id {{id}},
    "order" BIGINT NOT NULL REFERENCES order_returnorder (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "item" BIGINT NOT NULL REFERENCES stock_stockitem (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "received_date" {{text}},
    "outcome" BIGINT DEFAULT 10 NOT NULL,
    "outcome_custom_key" BIGINT,
    "price" BIGINT,
    "price_currency" {{text}} DEFAULT '' NOT NULL,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "discount" BIGINT DEFAULT 0 NOT NULL,
    "line" {{text}} DEFAULT '' NOT NULL,
    "line_int" BIGINT DEFAULT 0 NOT NULL,
    "reference" {{text}} DEFAULT '' NOT NULL,
    "notes" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}} DEFAULT '' NOT NULL,
    "target_date" {{text}},
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    UNIQUE ("order", "item"),
    CONSTRAINT "outcome" CHECK ("outcome" >= 0),
    CONSTRAINT "outcome_custom_key" CHECK ("outcome_custom_key" >= 0),
    CONSTRAINT "price" CHECK ("price" >= 0),
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "discount" CHECK ("discount" >= 0 AND "discount" <= 10000)
);
CREATE INDEX order_returnorderlineitem_item ON order_returnorderlineitem ("item");
CREATE INDEX order_returnorderlineitem_project_code ON order_returnorderlineitem ("project_code") WHERE "project_code" IS NOT NULL;

CREATE TABLE order_returnorderextraline (
    id {{id}},
    "order" BIGINT NOT NULL REFERENCES order_returnorder (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "description" {{text}} DEFAULT '' NOT NULL,
    "context" {{text}},
    "price" BIGINT,
    "price_currency" {{text}} DEFAULT '' NOT NULL,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "discount" BIGINT DEFAULT 0 NOT NULL,
    "line" {{text}} DEFAULT '' NOT NULL,
    "line_int" BIGINT DEFAULT 0 NOT NULL,
    "reference" {{text}} DEFAULT '' NOT NULL,
    "notes" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}} DEFAULT '' NOT NULL,
    "target_date" {{text}},
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "discount" CHECK ("discount" >= 0 AND "discount" <= 10000)
);
CREATE INDEX order_returnorderextraline_order ON order_returnorderextraline ("order");
CREATE INDEX order_returnorderextraline_project_code ON order_returnorderextraline ("project_code") WHERE "project_code" IS NOT NULL;

CREATE TABLE order_transferorder (
    id {{id}},
    "take_from" BIGINT REFERENCES stock_stocklocation (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "destination" BIGINT REFERENCES stock_stocklocation (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "consume" BOOLEAN DEFAULT FALSE NOT NULL,
    "complete_date" {{text}},
    "reference" {{text}} NOT NULL UNIQUE,
    "status" BIGINT DEFAULT 10 NOT NULL,
    "status_custom_key" BIGINT,
    "description" {{text}} DEFAULT '' NOT NULL,
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "link" {{text}} DEFAULT '' NOT NULL,
    "start_date" {{text}},
    "target_date" {{text}},
    "creation_date" {{text}},
    "created_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "issue_date" {{text}},
    "updated_at" {{text}},
    "responsible" BIGINT REFERENCES users_owner (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "contact" BIGINT REFERENCES company_contact (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "address" BIGINT REFERENCES company_address (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "reference_int" BIGINT DEFAULT 0 NOT NULL,
    "notes" {{text}},
    "barcode_data" {{text}} DEFAULT '' NOT NULL,
    "barcode_hash" {{text}} DEFAULT '' NOT NULL,
    "metadata" {{text}},
    CONSTRAINT "status" CHECK ("status" >= 0),
    CONSTRAINT "status_custom_key" CHECK ("status_custom_key" >= 0)
);
CREATE INDEX order_transferorder_reference_int ON order_transferorder ("reference_int");
CREATE INDEX order_transferorder_status ON order_transferorder ("status");
CREATE INDEX order_transferorder_target_date ON order_transferorder ("target_date");
CREATE INDEX order_transferorder_creation_date ON order_transferorder ("creation_date");
CREATE INDEX order_transferorder_barcode_hash ON order_transferorder ("barcode_hash");
CREATE INDEX order_transferorder_take_from ON order_transferorder ("take_from") WHERE "take_from" IS NOT NULL;
CREATE INDEX order_transferorder_destination ON order_transferorder ("destination") WHERE "destination" IS NOT NULL;
CREATE INDEX order_transferorder_project_code ON order_transferorder ("project_code") WHERE "project_code" IS NOT NULL;
CREATE INDEX order_transferorder_created_by ON order_transferorder ("created_by") WHERE "created_by" IS NOT NULL;
CREATE INDEX order_transferorder_responsible ON order_transferorder ("responsible") WHERE "responsible" IS NOT NULL;
CREATE INDEX order_transferorder_contact ON order_transferorder ("contact") WHERE "contact" IS NOT NULL;
CREATE INDEX order_transferorder_address ON order_transferorder ("address") WHERE "address" IS NOT NULL;

CREATE TABLE order_transferorderlineitem (
    id {{id}},
    "order" BIGINT NOT NULL REFERENCES order_transferorder (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "part" BIGINT REFERENCES part_part (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "transferred" BIGINT DEFAULT 0 NOT NULL,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "discount" BIGINT DEFAULT 0 NOT NULL,
    "line" {{text}} DEFAULT '' NOT NULL,
    "line_int" BIGINT DEFAULT 0 NOT NULL,
    "reference" {{text}} DEFAULT '' NOT NULL,
    "notes" {{text}} DEFAULT '' NOT NULL,
    "link" {{text}} DEFAULT '' NOT NULL,
    "target_date" {{text}},
    "project_code" BIGINT REFERENCES common_projectcode (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    CONSTRAINT "transferred" CHECK ("transferred" >= 0),
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "discount" CHECK ("discount" >= 0 AND "discount" <= 10000)
);
CREATE INDEX order_transferorderlineitem_order ON order_transferorderlineitem ("order");
CREATE INDEX order_transferorderlineitem_part ON order_transferorderlineitem ("part") WHERE "part" IS NOT NULL;
CREATE INDEX order_transferorderlineitem_project_code ON order_transferorderlineitem ("project_code") WHERE "project_code" IS NOT NULL;

CREATE TABLE order_transferorderallocation (
    id {{id}},
    "line" BIGINT NOT NULL REFERENCES order_transferorderlineitem (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "item" BIGINT NOT NULL REFERENCES stock_stockitem (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    CONSTRAINT "quantity" CHECK ("quantity" >= 0)
);
CREATE INDEX order_transferorderallocation_line ON order_transferorderallocation ("line");
CREATE INDEX order_transferorderallocation_item ON order_transferorderallocation ("item");

CREATE TABLE build_buildline (
    id {{id}},
    "build" BIGINT NOT NULL REFERENCES build_build (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "bom_item" BIGINT NOT NULL REFERENCES part_bomitem (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "consumed" BIGINT DEFAULT 0 NOT NULL,
    UNIQUE ("build", "bom_item"),
    CONSTRAINT "quantity" CHECK ("quantity" >= 0),
    CONSTRAINT "consumed" CHECK ("consumed" >= 0)
);
CREATE INDEX build_buildline_bom_item ON build_buildline ("bom_item");

CREATE TABLE build_builditem (
    id {{id}},
    "build_line" BIGINT REFERENCES build_buildline (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "stock_item" BIGINT NOT NULL REFERENCES stock_stockitem (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "quantity" BIGINT DEFAULT 100000 NOT NULL,
    "install_into" BIGINT REFERENCES stock_stockitem (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    UNIQUE ("build_line", "stock_item", "install_into"),
    CONSTRAINT "quantity" CHECK ("quantity" >= 0)
);
CREATE INDEX build_builditem_stock_item ON build_builditem ("stock_item");
CREATE INDEX build_builditem_install_into ON build_builditem ("install_into") WHERE "install_into" IS NOT NULL;

CREATE TABLE common_notificationentry (
    id {{id}},
    "key" {{text}} NOT NULL,
    "uid" BIGINT NOT NULL,
    "updated" {{text}},
    UNIQUE ("key", "uid")
);

CREATE TABLE common_notificationmessage (
    id {{id}},
    "target_content_type" {{text}} NOT NULL,
    "target_object_id" {{text}} NOT NULL,
    "source_content_type" {{text}},
    "source_object_id" {{text}},
    "user" BIGINT REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "category" {{text}} NOT NULL,
    "name" {{text}} NOT NULL,
    "message" {{text}},
    "link" {{text}},
    "creation" {{text}} NOT NULL,
    "read" BOOLEAN DEFAULT FALSE NOT NULL
);
CREATE INDEX common_notificationmessage_user_read ON common_notificationmessage ("user", "read");
CREATE INDEX common_notificationmessage_target_content_type_target_object_id ON common_notificationmessage ("target_content_type", "target_object_id");
CREATE INDEX common_notificationmessage_source_content_type_source_object_id ON common_notificationmessage ("source_content_type", "source_object_id");

CREATE TABLE common_newsfeedentry (
    id {{id}},
    "feed_id" {{text}} NOT NULL UNIQUE,
    "title" {{text}} NOT NULL,
    "link" {{text}} NOT NULL,
    "published" {{text}} NOT NULL,
    "author" {{text}} NOT NULL,
    "summary" {{text}} NOT NULL,
    "read" BOOLEAN DEFAULT FALSE NOT NULL
);
CREATE INDEX common_newsfeedentry_published ON common_newsfeedentry ("published");

CREATE TABLE common_webhookendpoint (
    id {{id}},
    "endpoint_id" {{text}} NOT NULL,
    "name" {{text}},
    "active" BOOLEAN DEFAULT TRUE NOT NULL,
    "user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "token" {{text}},
    "secret" {{text}}
);
CREATE INDEX common_webhookendpoint_user ON common_webhookendpoint ("user") WHERE "user" IS NOT NULL;

CREATE TABLE common_webhookmessage (
    id {{id}},
    "message_id" {{text}} NOT NULL UNIQUE,
    "host" {{text}} NOT NULL,
    "header" {{text}},
    "body" {{text}},
    "endpoint" BIGINT REFERENCES common_webhookendpoint (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "worked_on" BOOLEAN DEFAULT FALSE NOT NULL
);
CREATE INDEX common_webhookmessage_endpoint ON common_webhookmessage ("endpoint") WHERE "endpoint" IS NOT NULL;

CREATE TABLE common_emailthread (
    id {{id}},
    "key" {{text}},
    "global_id" {{text}} NOT NULL UNIQUE,
    "started_internal" BOOLEAN DEFAULT FALSE NOT NULL,
    "created" {{text}} NOT NULL,
    "updated" {{text}} NOT NULL,
    "metadata" {{text}},
    UNIQUE ("key", "global_id")
);
CREATE INDEX common_emailthread_updated ON common_emailthread ("updated");

CREATE TABLE common_emailmessage (
    id {{id}},
    "global_id" {{text}} NOT NULL UNIQUE,
    "message_id_key" {{text}},
    "thread_id_key" {{text}},
    "thread" BIGINT REFERENCES common_emailthread (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "subject" {{text}} NOT NULL,
    "body" {{text}} NOT NULL,
    "to" {{text}} NOT NULL,
    "sender" {{text}} NOT NULL,
    "status" {{text}},
    "timestamp" {{text}} NOT NULL,
    "headers" {{text}},
    "full_message" {{text}},
    "direction" {{text}},
    "priority" BIGINT NOT NULL,
    "delivery_options" {{text}},
    "error_code" {{text}},
    "error_message" {{text}},
    "error_timestamp" {{text}}
);
CREATE INDEX common_emailmessage_timestamp ON common_emailmessage ("timestamp");
CREATE INDEX common_emailmessage_message_id_key ON common_emailmessage ("message_id_key");
CREATE INDEX common_emailmessage_thread ON common_emailmessage ("thread") WHERE "thread" IS NOT NULL;

CREATE TABLE exchange_exchangebackend (
    id {{id}},
    "name" {{text}} NOT NULL UNIQUE,
    "base_currency" {{text}} NOT NULL,
    "last_update" {{text}} NOT NULL
);

CREATE TABLE exchange_rate (
    id {{id}},
    "backend" BIGINT NOT NULL REFERENCES exchange_exchangebackend (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "currency" {{text}} NOT NULL,
    "value" BIGINT NOT NULL,
    UNIQUE ("backend", "currency")
);

CREATE TABLE importer_dataimportsession (
    id {{id}},
    "timestamp" {{text}} NOT NULL,
    "data_file" {{text}} NOT NULL,
    "columns" {{text}},
    "model_type" {{text}} NOT NULL,
    "status" BIGINT DEFAULT 0 NOT NULL,
    "user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "field_defaults" {{text}},
    "field_overrides" {{text}},
    "field_filters" {{text}},
    "update_records" BOOLEAN DEFAULT FALSE NOT NULL,
    "completed_row_count_history" BIGINT,
    "row_count_history" BIGINT,
    CONSTRAINT "status" CHECK ("status" >= 0),
    CONSTRAINT "completed_row_count_history" CHECK ("completed_row_count_history" >= 0),
    CONSTRAINT "row_count_history" CHECK ("row_count_history" >= 0)
);
CREATE INDEX importer_dataimportsession_user ON importer_dataimportsession ("user") WHERE "user" IS NOT NULL;

CREATE TABLE importer_dataimportcolumnmap (
    id {{id}},
    "session" BIGINT NOT NULL REFERENCES importer_dataimportsession (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "field" {{text}} NOT NULL,
    "column" {{text}} DEFAULT '' NOT NULL,
    "lookup_field" {{text}}
);
CREATE INDEX importer_dataimportcolumnmap_session ON importer_dataimportcolumnmap ("session");

CREATE TABLE importer_dataimportrow (
    id {{id}},
    "session" BIGINT NOT NULL REFERENCES importer_dataimportsession (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "row_index" BIGINT DEFAULT 0 NOT NULL,
    "row_data" {{text}},
    "data" {{text}},
    "errors" {{text}},
    "valid" BOOLEAN DEFAULT FALSE NOT NULL,
    "complete" BOOLEAN DEFAULT FALSE NOT NULL,
    CONSTRAINT "row_index" CHECK ("row_index" >= 0)
);
CREATE INDEX importer_dataimportrow_session ON importer_dataimportrow ("session");

CREATE TABLE machine_machineconfig (
    id {{id}},
    "uuid" {{text}} NOT NULL UNIQUE,
    "name" {{text}} NOT NULL UNIQUE,
    "machine_type" {{text}} NOT NULL,
    "driver" {{text}} NOT NULL,
    "active" BOOLEAN DEFAULT TRUE NOT NULL
);

CREATE TABLE machine_machinesetting (
    id {{id}},
    "machine_config" BIGINT NOT NULL REFERENCES machine_machineconfig (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "config_type" {{text}} NOT NULL,
    "key" {{text}} NOT NULL,
    "value" {{text}} DEFAULT '' NOT NULL,
    UNIQUE ("machine_config", "config_type", "key")
);

CREATE TABLE report_labeltemplate (
    id {{id}},
    "template" {{text}} NOT NULL,
    "name" {{text}} NOT NULL,
    "description" {{text}} DEFAULT '' NOT NULL,
    "revision" BIGINT DEFAULT 1 NOT NULL,
    "attach_to_model" BOOLEAN DEFAULT FALSE NOT NULL,
    "filename_pattern" {{text}} DEFAULT 'output.pdf' NOT NULL,
    "enabled" BOOLEAN DEFAULT TRUE NOT NULL,
    "model_type" {{text}} NOT NULL,
    "filters" {{text}} DEFAULT '' NOT NULL,
    "updated" {{text}},
    "updated_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    "width" {{real}} DEFAULT 50 NOT NULL,
    "height" {{real}} DEFAULT 20 NOT NULL,
    UNIQUE ("name", "model_type"),
    CONSTRAINT "revision" CHECK ("revision" >= 0),
    CONSTRAINT "width" CHECK ("width" >= 2),
    CONSTRAINT "height" CHECK ("height" >= 2)
);
CREATE INDEX report_labeltemplate_updated_by ON report_labeltemplate ("updated_by") WHERE "updated_by" IS NOT NULL;

CREATE TABLE report_reporttemplate (
    id {{id}},
    "template" {{text}} NOT NULL,
    "name" {{text}} NOT NULL,
    "description" {{text}} DEFAULT '' NOT NULL,
    "revision" BIGINT DEFAULT 1 NOT NULL,
    "attach_to_model" BOOLEAN DEFAULT FALSE NOT NULL,
    "filename_pattern" {{text}} DEFAULT 'output.pdf' NOT NULL,
    "enabled" BOOLEAN DEFAULT TRUE NOT NULL,
    "model_type" {{text}} NOT NULL,
    "filters" {{text}} DEFAULT '' NOT NULL,
    "updated" {{text}},
    "updated_by" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    "metadata" {{text}},
    "page_size" {{text}} DEFAULT 'A4' NOT NULL,
    "landscape" BOOLEAN DEFAULT FALSE NOT NULL,
    "merge" BOOLEAN DEFAULT FALSE NOT NULL,
    UNIQUE ("name", "model_type"),
    CONSTRAINT "revision" CHECK ("revision" >= 0)
);
CREATE INDEX report_reporttemplate_updated_by ON report_reporttemplate ("updated_by") WHERE "updated_by" IS NOT NULL;

CREATE TABLE report_reportsnippet (
    id {{id}},
    "snippet" {{text}} NOT NULL,
    "description" {{text}} NOT NULL
);

CREATE TABLE report_reportasset (
    id {{id}},
    "asset" {{text}} NOT NULL,
    "description" {{text}} NOT NULL
);

CREATE TABLE error_report_error (
    id {{id}},
    "kind" {{text}},
    "info" {{text}} NOT NULL,
    "data" {{text}},
    "path" {{text}},
    "when" {{text}} NOT NULL,
    "html" {{text}},
    "modified" {{text}} NOT NULL
);
CREATE INDEX error_report_error_kind ON error_report_error ("kind");
CREATE INDEX error_report_error_when ON error_report_error ("when");

CREATE TABLE ironwood_job (
    id {{id}},
    "kind" {{text}} NOT NULL,
    "payload" {{text}} DEFAULT '{}' NOT NULL,
    "state" {{text}} DEFAULT 'pending' NOT NULL,
    "progress" BIGINT DEFAULT 0 NOT NULL,
    "total" BIGINT DEFAULT 0 NOT NULL,
    "attempts" BIGINT DEFAULT 0 NOT NULL,
    "error" {{text}},
    "created" {{text}} NOT NULL,
    "started" {{text}},
    "finished" {{text}},
    "run_after" {{text}},
    "owner" {{text}},
    "lease" {{text}},
    "user" BIGINT REFERENCES auth_user (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "progress" CHECK ("progress" >= 0),
    CONSTRAINT "total" CHECK ("total" >= 0),
    CONSTRAINT "attempts" CHECK ("attempts" >= 0)
);
CREATE INDEX ironwood_job_state_run_after ON ironwood_job ("state", "run_after");
CREATE INDEX ironwood_job_kind ON ironwood_job ("kind");
CREATE INDEX ironwood_job_created ON ironwood_job ("created");
CREATE INDEX ironwood_job_user ON ironwood_job ("user") WHERE "user" IS NOT NULL;

CREATE TABLE ironwood_schedule (
    id {{id}},
    "name" {{text}} NOT NULL UNIQUE,
    "kind" {{text}} NOT NULL,
    "minutes" BIGINT NOT NULL,
    "last_run" {{text}},
    "next_run" {{text}} NOT NULL,
    "job" BIGINT REFERENCES ironwood_job (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "minutes" CHECK ("minutes" >= 1 AND "minutes" <= 1000000)
);
CREATE INDEX ironwood_schedule_job ON ironwood_schedule ("job") WHERE "job" IS NOT NULL;

CREATE TABLE ironwood_leftover (
    id {{id}},
    "path" {{text}} NOT NULL,
    "since" {{text}} NOT NULL
);

CREATE TABLE ironwood_meta (
    id {{id}},
    "name" {{text}} NOT NULL UNIQUE,
    "value" {{text}} NOT NULL
);

--pg: ALTER TABLE common_selectionlist ADD FOREIGN KEY ("default") REFERENCES common_selectionlistentry (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
--pg: CREATE FUNCTION ironwood_drop_belongings() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM common_attachment WHERE model_type = TG_ARGV[0] AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = TG_ARGV[0] AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = TG_ARGV[1] AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = TG_ARGV[1] AND object_id = OLD.id; RETURN OLD; END $$;
--pg: CREATE TRIGGER part_part_belongings AFTER DELETE ON part_part FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('part', 'part.part');
--sqlite: CREATE TRIGGER part_part_belongings AFTER DELETE ON part_part BEGIN DELETE FROM common_attachment WHERE model_type = 'part' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'part' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'part.part' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'part.part' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER part_partcategory_belongings AFTER DELETE ON part_partcategory FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('partcategory', 'part.partcategory');
--sqlite: CREATE TRIGGER part_partcategory_belongings AFTER DELETE ON part_partcategory BEGIN DELETE FROM common_attachment WHERE model_type = 'partcategory' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'partcategory' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'part.partcategory' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'part.partcategory' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER company_company_belongings AFTER DELETE ON company_company FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('company', 'company.company');
--sqlite: CREATE TRIGGER company_company_belongings AFTER DELETE ON company_company BEGIN DELETE FROM common_attachment WHERE model_type = 'company' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'company' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'company.company' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'company.company' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER company_manufacturerpart_belongings AFTER DELETE ON company_manufacturerpart FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('manufacturerpart', 'company.manufacturerpart');
--sqlite: CREATE TRIGGER company_manufacturerpart_belongings AFTER DELETE ON company_manufacturerpart BEGIN DELETE FROM common_attachment WHERE model_type = 'manufacturerpart' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'manufacturerpart' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'company.manufacturerpart' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'company.manufacturerpart' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER company_supplierpart_belongings AFTER DELETE ON company_supplierpart FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('supplierpart', 'company.supplierpart');
--sqlite: CREATE TRIGGER company_supplierpart_belongings AFTER DELETE ON company_supplierpart BEGIN DELETE FROM common_attachment WHERE model_type = 'supplierpart' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'supplierpart' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'company.supplierpart' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'company.supplierpart' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER stock_stockitem_belongings AFTER DELETE ON stock_stockitem FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('stockitem', 'stock.stockitem');
--sqlite: CREATE TRIGGER stock_stockitem_belongings AFTER DELETE ON stock_stockitem BEGIN DELETE FROM common_attachment WHERE model_type = 'stockitem' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'stockitem' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'stock.stockitem' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'stock.stockitem' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER stock_stocklocation_belongings AFTER DELETE ON stock_stocklocation FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('stocklocation', 'stock.stocklocation');
--sqlite: CREATE TRIGGER stock_stocklocation_belongings AFTER DELETE ON stock_stocklocation BEGIN DELETE FROM common_attachment WHERE model_type = 'stocklocation' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'stocklocation' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'stock.stocklocation' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'stock.stocklocation' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER build_build_belongings AFTER DELETE ON build_build FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('build', 'build.build');
--sqlite: CREATE TRIGGER build_build_belongings AFTER DELETE ON build_build BEGIN DELETE FROM common_attachment WHERE model_type = 'build' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'build' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'build.build' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'build.build' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER order_purchaseorder_belongings AFTER DELETE ON order_purchaseorder FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('purchaseorder', 'order.purchaseorder');
--sqlite: CREATE TRIGGER order_purchaseorder_belongings AFTER DELETE ON order_purchaseorder BEGIN DELETE FROM common_attachment WHERE model_type = 'purchaseorder' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'purchaseorder' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'order.purchaseorder' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'order.purchaseorder' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER order_salesorder_belongings AFTER DELETE ON order_salesorder FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('salesorder', 'order.salesorder');
--sqlite: CREATE TRIGGER order_salesorder_belongings AFTER DELETE ON order_salesorder BEGIN DELETE FROM common_attachment WHERE model_type = 'salesorder' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'salesorder' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'order.salesorder' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'order.salesorder' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER order_salesordershipment_belongings AFTER DELETE ON order_salesordershipment FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('salesordershipment', 'order.salesordershipment');
--sqlite: CREATE TRIGGER order_salesordershipment_belongings AFTER DELETE ON order_salesordershipment BEGIN DELETE FROM common_attachment WHERE model_type = 'salesordershipment' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'salesordershipment' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'order.salesordershipment' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'order.salesordershipment' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER order_returnorder_belongings AFTER DELETE ON order_returnorder FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('returnorder', 'order.returnorder');
--sqlite: CREATE TRIGGER order_returnorder_belongings AFTER DELETE ON order_returnorder BEGIN DELETE FROM common_attachment WHERE model_type = 'returnorder' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'returnorder' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'order.returnorder' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'order.returnorder' AND object_id = OLD.id; END;
--pg: CREATE TRIGGER order_transferorder_belongings AFTER DELETE ON order_transferorder FOR EACH ROW EXECUTE FUNCTION ironwood_drop_belongings('transferorder', 'order.transferorder');
--sqlite: CREATE TRIGGER order_transferorder_belongings AFTER DELETE ON order_transferorder BEGIN DELETE FROM common_attachment WHERE model_type = 'transferorder' AND model_id = OLD.id; DELETE FROM common_notesimage WHERE model_type = 'transferorder' AND model_id = OLD.id; DELETE FROM common_parameter WHERE model_type = 'order.transferorder' AND model_id = OLD.id; DELETE FROM taggit_taggeditem WHERE content_type = 'order.transferorder' AND object_id = OLD.id; END;
--pg: CREATE FUNCTION ironwood_note_files() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT to_jsonb(OLD) ->> n, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM unnest(TG_ARGV) n WHERE COALESCE(to_jsonb(OLD) ->> n, '') <> ''; RETURN OLD; END $$;
--pg: CREATE TRIGGER common_attachment_files AFTER DELETE ON common_attachment FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('attachment', 'thumbnail');
--sqlite: CREATE TRIGGER common_attachment_files AFTER DELETE ON common_attachment BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."attachment" AS path UNION ALL SELECT OLD."thumbnail" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE TRIGGER common_notesimage_files AFTER DELETE ON common_notesimage FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('image');
--sqlite: CREATE TRIGGER common_notesimage_files AFTER DELETE ON common_notesimage BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."image" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE TRIGGER common_dataoutput_files AFTER DELETE ON common_dataoutput FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('output');
--sqlite: CREATE TRIGGER common_dataoutput_files AFTER DELETE ON common_dataoutput BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."output" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE TRIGGER part_part_files AFTER DELETE ON part_part FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('image');
--sqlite: CREATE TRIGGER part_part_files AFTER DELETE ON part_part BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."image" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE TRIGGER company_company_files AFTER DELETE ON company_company FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('image');
--sqlite: CREATE TRIGGER company_company_files AFTER DELETE ON company_company BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."image" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE TRIGGER stock_stockitemtestresult_files AFTER DELETE ON stock_stockitemtestresult FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('attachment');
--sqlite: CREATE TRIGGER stock_stockitemtestresult_files AFTER DELETE ON stock_stockitemtestresult BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."attachment" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE TRIGGER importer_dataimportsession_files AFTER DELETE ON importer_dataimportsession FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('data_file');
--sqlite: CREATE TRIGGER importer_dataimportsession_files AFTER DELETE ON importer_dataimportsession BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."data_file" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE TRIGGER report_labeltemplate_files AFTER DELETE ON report_labeltemplate FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('template');
--sqlite: CREATE TRIGGER report_labeltemplate_files AFTER DELETE ON report_labeltemplate BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."template" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE TRIGGER report_reporttemplate_files AFTER DELETE ON report_reporttemplate FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('template');
--sqlite: CREATE TRIGGER report_reporttemplate_files AFTER DELETE ON report_reporttemplate BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."template" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE TRIGGER report_reportsnippet_files AFTER DELETE ON report_reportsnippet FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('snippet');
--sqlite: CREATE TRIGGER report_reportsnippet_files AFTER DELETE ON report_reportsnippet BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."snippet" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE TRIGGER report_reportasset_files AFTER DELETE ON report_reportasset FOR EACH ROW EXECUTE FUNCTION ironwood_note_files('asset');
--sqlite: CREATE TRIGGER report_reportasset_files AFTER DELETE ON report_reportasset BEGIN INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM (SELECT OLD."asset" AS path) WHERE COALESCE(path, '') <> ''; END;
--pg: CREATE FUNCTION ironwood_end_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE stock_stockitemtracking SET item_key = item, ended = to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') WHERE item = OLD.id; RETURN OLD; END $$;
--pg: CREATE TRIGGER stock_stockitem_history BEFORE DELETE ON stock_stockitem FOR EACH ROW EXECUTE FUNCTION ironwood_end_history();
--sqlite: CREATE TRIGGER stock_stockitem_history BEFORE DELETE ON stock_stockitem BEGIN UPDATE stock_stockitemtracking SET item_key = item, ended = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE item = OLD.id; END;
