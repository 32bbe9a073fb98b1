-- The five worths of customers are built in a spare table and swapped in by renaming, as rfm_swap.sql says of traits.

create table insight_five_spare (like insight_five including defaults);

create function insight_five_empty_spare() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    alter table insight_five_spare drop constraint if exists insight_five_spare_pkey;
    drop index if exists insight_five_spare_contribution, insight_five_spare_insight, insight_five_spare_influence;
    truncate insight_five_spare;
end $$;

create function insight_five_index_spare() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    alter table insight_five_spare add constraint insight_five_spare_pkey primary key (customer_id);
    create index insight_five_spare_contribution on insight_five_spare (contribution_micros, customer_id);
    create index insight_five_spare_insight on insight_five_spare (insight_items, customer_id);
    create index insight_five_spare_influence on insight_five_spare (influence_micros, customer_id);
    analyze insight_five_spare;
end $$;

create function insight_five_swap() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_part text;
begin
    alter table insight_five rename to insight_five_leaving;
    alter table insight_five_spare rename to insight_five;
    alter table insight_five_leaving rename to insight_five_spare;
    foreach v_part in array array['pkey', 'contribution', 'insight', 'influence'] loop
        execute format('alter index insight_five_%s rename to insight_five_leaving_%s', v_part, v_part);
        execute format('alter index insight_five_spare_%s rename to insight_five_%s', v_part, v_part);
        execute format('alter index insight_five_leaving_%s rename to insight_five_spare_%s', v_part, v_part);
    end loop;
end $$;

revoke all on function insight_five_empty_spare(), insight_five_index_spare(), insight_five_swap() from public;
