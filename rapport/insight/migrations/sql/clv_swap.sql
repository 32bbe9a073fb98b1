-- The scores of lifetime value are built in a spare table and swapped in by renaming, as rfm_swap.sql says of traits.

create table insight_clv_spare (like insight_clv including defaults);

create function insight_clv_empty_spare() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    alter table insight_clv_spare drop constraint if exists insight_clv_spare_pkey;
    drop index if exists insight_clv_spare_alive, insight_clv_spare_value, insight_clv_spare_due;
    truncate insight_clv_spare;
end $$;

create function insight_clv_index_spare() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    alter table insight_clv_spare add constraint insight_clv_spare_pkey primary key (customer_id);
    create index insight_clv_spare_alive on insight_clv_spare (alive_percent, customer_id);
    create index insight_clv_spare_value on insight_clv_spare (expected_micros, customer_id);
    create index insight_clv_spare_due on insight_clv_spare (due_on, customer_id);
    analyze insight_clv_spare;
end $$;

create function insight_clv_swap() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_part text;
begin
    alter table insight_clv rename to insight_clv_leaving;
    alter table insight_clv_spare rename to insight_clv;
    alter table insight_clv_leaving rename to insight_clv_spare;
    foreach v_part in array array['pkey', 'alive', 'value', 'due'] loop
        execute format('alter index insight_clv_%s rename to insight_clv_leaving_%s', v_part, v_part);
        execute format('alter index insight_clv_spare_%s rename to insight_clv_%s', v_part, v_part);
        execute format('alter index insight_clv_leaving_%s rename to insight_clv_spare_%s', v_part, v_part);
    end loop;
end $$;

revoke all on function insight_clv_empty_spare(), insight_clv_index_spare(), insight_clv_swap() from public;
