-- The account with which `bkincidents ship nodeman` reads nodeman's execution log: SELECT on two tables, nothing else.
-- Run it as an administrator of nodeman's MySQL or MariaDB. Before, change the password, the name of the database where
-- yours differs, and, if you can, '%' to the address that `ship` comes from.
CREATE USER IF NOT EXISTS 'bkincidents'@'%' IDENTIFIED BY 'CHANGE-ME';
GRANT SELECT ON bk_nodeman.node_man_subscriptioninstancestatusdetail TO 'bkincidents'@'%';
GRANT SELECT (id, task_id, instance_id, instance_info) ON bk_nodeman.node_man_subscriptioninstancerecord TO 'bkincidents'@'%';
