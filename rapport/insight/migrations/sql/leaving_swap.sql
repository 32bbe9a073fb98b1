-- The risks of leaving are built in a spare table and swapped in by renaming, as rfm_swap.sql says of traits.

create table insight_leaving_spare (like insight_leaving including defaults);

create function insight_leaving_empty_spare() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    alter table insight_leaving_spare drop constraint if exists insight_leaving_spare_pkey;
    drop index if exists insight_leaving_spare_risk;
    truncate insight_leaving_spare;
end $$;

create function insight_leaving_index_spare() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    alter table insight_leaving_spare add constraint insight_leaving_spare_pkey primary key (customer_id);
    create index insight_leaving_spare_risk on insight_leaving_spare (leaving_percent, customer_id);
    analyze insight_leaving_spare;
end $$;

create function insight_leaving_swap() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_part text;
begin
    alter table insight_leaving rename to insight_leaving_going;
    alter table insight_leaving_spare rename to insight_leaving;
    alter table insight_leaving_going rename to insight_leaving_spare;
    foreach v_part in array array['pkey', 'risk'] loop
        execute format('alter index insight_leaving_%s rename to insight_leaving_going_%s', v_part, v_part);
        execute format('alter index insight_leaving_spare_%s rename to insight_leaving_%s', v_part, v_part);
        execute format('alter index insight_leaving_going_%s rename to insight_leaving_spare_%s', v_part, v_part);
    end loop;
end $$;

revoke all on function insight_leaving_empty_spare(), insight_leaving_index_spare(), insight_leaving_swap() from public;
