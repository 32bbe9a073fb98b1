-- Every profile has its customer. A foreign key would ask row by row, and for a million people take as long as writing them;
-- here what one statement brings is asked at once. It holds as a foreign key does: docs/adr/0014 says why.

-- Customers whom this transaction has written nobody else can delete before it ends; of others each is held until then.
create function customers_profile_added() returns trigger language plpgsql
security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
declare
    v_mine xid := pg_current_xact_id()::xid;
    v_others bigint[];
    v_held bigint;
begin
    select array_agg(distinct a.customer_id) into v_others
      from added a
      left join lateral (select true as is_mine from customers_customer c
                          where c.id = a.customer_id and c.xmin = v_mine offset 0) own on true
     where own.is_mine is null;
    if v_others is null then
        return null;
    end if;
    select count(*) into v_held
      from (select from customers_customer where id = any (v_others) order by id for key share) held;
    if v_held < cardinality(v_others) then
        raise exception 'a profile must have a customer who is there'
            using errcode = 'foreign_key_violation', table = tg_table_name, constraint = 'customers_profile_customer';
    end if;
    return null;
end $$;
create trigger customer_is_there after insert on customers_profile referencing new table as added
    for each statement execute function customers_profile_added();

-- Looked at when the transaction ends, as the next one is, so that the order of its statements does not matter.
create function customers_profile_moved() returns trigger language plpgsql
security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from customers_customer where id = new.customer_id for key share;
    if not found and exists (select from customers_profile where id = new.id and customer_id = new.customer_id) then
        raise exception 'a profile must have a customer who is there'
            using errcode = 'foreign_key_violation', table = tg_table_name, constraint = 'customers_profile_customer';
    end if;
    return null;
end $$;
create constraint trigger customer_is_there_still after update of customer_id on customers_profile
    deferrable initially deferred for each row when (old.customer_id <> new.customer_id)
    execute function customers_profile_moved();

-- Where a transaction does not see what others have committed since it began, it could not see a profile that came meanwhile.
create function customers_customer_gone() returns trigger language plpgsql
security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'customers are deleted in transactions that see what others have committed'
            using errcode = 'feature_not_supported';
    end if;
    if exists (select from customers_profile where customer_id = old.id)
       and not exists (select from customers_customer where id = old.id) then
        raise exception 'a customer who has profiles cannot be deleted'
            using errcode = 'foreign_key_violation', table = tg_table_name, constraint = 'customers_profile_customer';
    end if;
    return null;
end $$;
create constraint trigger has_no_profile after delete on customers_customer
    deferrable initially deferred for each row execute function customers_customer_gone();
create constraint trigger has_no_profile_under_its_old_id after update of id on customers_customer
    deferrable initially deferred for each row when (old.id <> new.id) execute function customers_customer_gone();
