-- The traits are built in a spare table beside the live one and swapped in by renaming both. The application's role can
-- neither create nor rename tables, so three functions without parameters do exactly this for it, as the owner.

create table insight_rfm_spare (like insight_rfm including defaults);

create function insight_rfm_empty_spare() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    alter table insight_rfm_spare drop constraint if exists insight_rfm_spare_pkey;
    drop index if exists insight_rfm_spare_segment, insight_rfm_spare_cell, insight_rfm_spare_value, insight_rfm_spare_last;
    truncate insight_rfm_spare;
end $$;

create function insight_rfm_index_spare() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    alter table insight_rfm_spare add constraint insight_rfm_spare_pkey primary key (customer_id);
    create index insight_rfm_spare_segment on insight_rfm_spare (segment, value_micros);
    create index insight_rfm_spare_cell on insight_rfm_spare (recency_band, frequency_band);
    create index insight_rfm_spare_value on insight_rfm_spare (value_micros, customer_id);
    create index insight_rfm_spare_last on insight_rfm_spare (last_purchase_on, customer_id);
    analyze insight_rfm_spare;
end $$;

-- Readers wait for the few milliseconds from here to the commit.
create function insight_rfm_swap() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_part text;
begin
    alter table insight_rfm rename to insight_rfm_leaving;
    alter table insight_rfm_spare rename to insight_rfm;
    alter table insight_rfm_leaving rename to insight_rfm_spare;
    foreach v_part in array array['pkey', 'segment', 'cell', 'value', 'last'] loop
        execute format('alter index insight_rfm_%s rename to insight_rfm_leaving_%s', v_part, v_part);
        execute format('alter index insight_rfm_spare_%s rename to insight_rfm_%s', v_part, v_part);
        execute format('alter index insight_rfm_leaving_%s rename to insight_rfm_spare_%s', v_part, v_part);
    end loop;
end $$;

revoke all on function insight_rfm_empty_spare(), insight_rfm_index_spare(), insight_rfm_swap() from public;
