using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>
/// The JSON schema of the configuration file, from the same tables as the reader. docs/queued.schema.json is this.
/// </summary>
internal static class ConfigurationSchema
{
    public static string Write() => ConfigurationWriter.ToText(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
        writer.WriteString("title", "Configuration of queued");
        writer.WriteString("type", "object");
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteStartObject("properties");
        writer.WriteStartObject("$schema");
        writer.WriteString("type", "string");
        writer.WriteEndObject();
        WriteSection(writer, "daemon", "Endpoints, data and logs of the daemon itself.", SectionTables.Daemon);
        WriteSection(writer, "limits", "What the daemon holds at most.", SectionTables.Limits);
        WriteSection(writer, "storage", "How durable queues are stored.", SectionTables.Storage);
        WriteNamed(writer, "queues", "Queues that are there from the start, by name.", NamedTables.Queue);
        WriteNamed(writer, "pools", "Pools of workers that are there from the start, by name.", NamedTables.Pool);
        WriteSection(writer, "exec", "The built-in handler exec, which runs OS commands.", SectionTables.Exec);
        WriteSection(writer, "logs", "Output of attempts.", SectionTables.Logs);
        WriteSection(writer, "telemetry", "Traces and metrics.", SectionTables.Telemetry);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }) + "\n";

    private static void WriteSection<T>(Utf8JsonWriter writer, string name, string description, ConfigTable<T> table)
    {
        writer.WriteStartObject(name);
        writer.WriteString("description", description);
        WriteObject(writer, table, "");
        writer.WriteEndObject();
    }

    private static void WriteNamed<T>(Utf8JsonWriter writer, string name, string description, ConfigTable<T> table)
    {
        writer.WriteStartObject(name);
        writer.WriteString("description", description);
        writer.WriteString("type", "object");
        writer.WriteStartObject("propertyNames");
        TextKind.Name.WriteSchema(writer);
        writer.WriteEndObject();
        writer.WriteStartObject("additionalProperties");
        WriteObject(writer, table, "");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteObject<T>(Utf8JsonWriter writer, ConfigTable<T> table, string prefix)
    {
        writer.WriteString("type", "object");
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteStartObject("properties");
        foreach (var name in table.NamesIn(prefix))
        {
            writer.WriteStartObject(name);
            if (table.Find(prefix + name) is { } key)
            {
                key.WriteSchema(writer);
            }
            else
            {
                WriteObject(writer, table, $"{prefix}{name}.");
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
