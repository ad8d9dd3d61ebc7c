/**
 * SQL that stores `count` ended runs of the first registry, as if they had been built one after another.
 * `run_id` continues the registry's own counter.
 */
export function seedStatements(count: number): string[] {
  return [
    `insert into runs (registry_id, run_id, status, run_type, queue_name, request, platform, cpu,
       timeout_seconds, create_time, start_time, finish_time, last_updated_time, output_images,
       is_archive_enabled, attempt, is_log_sealed)
     select registry_id, 'ca' || (run_counter + n), case when n % 10 = 0 then 'Failed' else 'Succeeded' end,
       'QuickBuild', 'runs.default.linux', '{"type":"DockerBuildRequest"}',
       '{"os":"linux","architecture":"amd64"}', 2, 3600,
       now() - (${count} - n) * interval '1 second', now(), now(), now(),
       jsonb_build_array(jsonb_build_object('registry', login_server, 'repository', 'app', 'tag', 'v' || n,
         'digest', 'sha256:' || md5(n::text) || md5(n::text))), false, 1, true
     from registries, generate_series(1, ${count}) as n where name_key = 'slipway' order by n`,
    `update registries set run_counter = run_counter + ${count} where name_key = 'slipway'`,
    'analyze runs',
  ];
}
