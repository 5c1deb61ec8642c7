-- The tables of nodeman's database that tell of tasks, as its Django migrations make them.
CREATE DATABASE IF NOT EXISTS bk_nodeman CHARACTER SET utf8mb4;
USE bk_nodeman;
CREATE TABLE node_man_subscriptioninstancerecord (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  task_id int NOT NULL,
  subscription_id int NOT NULL,
  instance_id varchar(50) NOT NULL,
  instance_info json NOT NULL,
  steps json NOT NULL,
  pipeline_id varchar(50) NOT NULL DEFAULT '',
  status varchar(45) NOT NULL DEFAULT 'PENDING',
  update_time datetime(6) NULL,
  create_time datetime(6) NOT NULL,
  is_latest tinyint(1) NOT NULL DEFAULT 1,
  KEY (task_id), KEY (subscription_id), KEY (instance_id), KEY (update_time), KEY (create_time)
);
CREATE TABLE node_man_subscriptioninstancestatusdetail (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  subscription_instance_record_id bigint NOT NULL,
  node_id varchar(50) NOT NULL DEFAULT '',
  status varchar(45) NOT NULL DEFAULT 'RUNNING',
  log longtext NOT NULL,
  update_time datetime(6) NULL,
  create_time datetime(6) NOT NULL,
  KEY (subscription_instance_record_id), KEY (node_id), KEY (update_time), KEY (create_time)
);
CREATE TABLE node_man_job (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  job_type varchar(45) NOT NULL,
  subscription_id int NOT NULL,
  task_id_list json NOT NULL,
  status varchar(45) NOT NULL DEFAULT 'RUNNING',
  start_time datetime(6) NOT NULL,
  end_time datetime(6) NULL
);
