using Queued.Broker;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>What must hold between several values.</summary>
internal static class ConfigurationRules
{
    public static void Check(
        DaemonConfiguration configuration,
        IEnumerable<(string Name, PoolSettings Value, string Source)> pools,
        List<ConfigMistake> mistakes)
    {
        foreach (var (name, pool, source) in pools)
        {
            foreach (var (key, message) in PoolMistakes(pool, configuration))
            {
                var path = $"pools.{name}{key}";
                // A value that could not be read was reported already, and what follows from its absence is no news.
                if (mistakes.All(mistake => mistake.Path != path))
                {
                    mistakes.Add(new(path, message, source));
                }
            }
        }

        if (configuration.Telemetry is { Enabled: true, OtlpEndpoint: null } &&
            string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")))
        {
            mistakes.Add(new("telemetry.otlp_endpoint",
                "is needed where telemetry.enabled is true and OTEL_EXPORTER_OTLP_ENDPOINT is not set",
                "telemetry.enabled"));
        }
    }

    private static IEnumerable<(string Key, string Message)> PoolMistakes(
        PoolSettings pool, DaemonConfiguration configuration)
    {
        if (pool.Name == ExecSection.PoolName && configuration.Exec.Enabled)
        {
            yield return (
                "", "the section exec makes a pool of this name; set exec.enabled to false, or choose another name");
        }

        if (pool.Exec && pool.Command.Count > 0)
        {
            yield return (".command", "is not allowed where exec is true: the tasks bring the command");
        }
        else if (!pool.Exec && (pool.Command.Count == 0 || pool.Command[0].Length == 0))
        {
            yield return (".command", "is missing; must be the program and the arguments of a worker");
        }

        if (pool.Command.Any(argument => argument.Contains('\0')))
        {
            yield return (".command", "holds a NUL character, which no argument can");
        }

        if (pool.Size > configuration.Limits.PoolSizeMax)
        {
            yield return (
                ".size", $"{pool.Size} is above limits.pool_size_max, which is {configuration.Limits.PoolSizeMax}");
        }

        if (pool.Queues.Distinct().Count() != pool.Queues.Count)
        {
            yield return (".queues", "names a queue twice");
        }

        if (pool is { MemoryHardBytes: > 0 } && pool.MemorySoftBytes > pool.MemoryHardBytes)
        {
            yield return (".memory_soft_bytes", "is above memory_hard_bytes, so it would never be reached");
        }

        if (pool.RestartBackoff > pool.RestartBackoffMax)
        {
            yield return (".restart_backoff", "is above restart_backoff_max");
        }
    }
}
