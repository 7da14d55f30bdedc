using System.Text;
using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>Writes what is in force as a file that could be read again.</summary>
internal static class ConfigurationWriter
{
    public static string Write(DaemonConfiguration configuration) => ToText(writer =>
    {
        writer.WriteStartObject();
        WriteSection(writer, "daemon", SectionTables.Daemon, configuration.Daemon);
        WriteSection(writer, "limits", SectionTables.Limits, configuration.Limits);
        WriteSection(writer, "storage", SectionTables.Storage, configuration.Storage);
        WriteNamed(writer, "queues", NamedTables.Queue, configuration.Queues);
        // The section exec stands for the pool that it makes.
        WriteNamed(writer, "pools", NamedTables.Pool, configuration.Pools
            .Where(pool => !configuration.Exec.Enabled || pool.Key != ExecSection.PoolName));
        WriteSection(writer, "exec", SectionTables.Exec, configuration.Exec);
        WriteSection(writer, "logs", SectionTables.Logs, configuration.Logs);
        WriteSection(writer, "telemetry", SectionTables.Telemetry, configuration.Telemetry);
        writer.WriteEndObject();
    });

    internal static string ToText(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        // Nobody embeds it in a web page, so that "C++" need not become "C\u002B\u002B".
        var options = new JsonWriterOptions
        {
            Indented = true,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (var writer = new Utf8JsonWriter(stream, options))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteNamed<T>(
        Utf8JsonWriter writer, string name, ConfigTable<T> table, IEnumerable<KeyValuePair<string, T>> sections)
    {
        writer.WriteStartObject(name);
        foreach (var (key, section) in sections.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            WriteSection(writer, key, table, section);
        }

        writer.WriteEndObject();
    }

    private static void WriteSection<T>(Utf8JsonWriter writer, string name, ConfigTable<T> table, T section)
    {
        writer.WriteStartObject(name);
        var group = "";
        foreach (var key in table.Keys)
        {
            var dot = key.Name.IndexOf('.');
            var keyGroup = dot < 0 ? "" : key.Name[..dot];
            if (keyGroup != group)
            {
                if (group.Length > 0)
                {
                    writer.WriteEndObject();
                }

                if (keyGroup.Length > 0)
                {
                    writer.WriteStartObject(keyGroup);
                }

                group = keyGroup;
            }

            _ = key.TryWrite(writer, key.Name[(dot + 1)..], section);
        }

        if (group.Length > 0)
        {
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
