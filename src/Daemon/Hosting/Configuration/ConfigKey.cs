using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>One key of a section: its name in the file, what it takes, and where it goes.</summary>
internal abstract class ConfigKey<TSection>(string name, string description)
{
    /// <summary>With a dot where the key is in an inner object, such as <c>retry.max_attempts</c>.</summary>
    public string Name { get; } = name;

    /// <summary>For the schema: meaning and default.</summary>
    public string Description { get; } = description;

    /// <summary>The key holds entries with names of the user's choice.</summary>
    public virtual bool IsMap => false;

    /// <summary>Puts the value in; otherwise says what is wrong with it.</summary>
    public abstract bool TryApply(
        ref TSection section, string entry, JsonElement value, bool isText, [NotNullWhen(false)] out string? mistake);

    /// <summary>False: it is not set, and nothing was written.</summary>
    public abstract bool TryWrite(Utf8JsonWriter writer, string property, TSection section);

    public abstract void WriteSchema(Utf8JsonWriter writer);
}

internal sealed class ConfigKey<TSection, TValue>(
    string name,
    ConfigKind<TValue> kind,
    Func<TSection, object?> get,
    Func<TSection, TValue, TSection> set,
    string description) : ConfigKey<TSection>(name, description)
{
    public override bool TryApply(
        ref TSection section, string entry, JsonElement value, bool isText, [NotNullWhen(false)] out string? mistake)
    {
        if (!kind.TryRead(value, isText, out var read))
        {
            mistake = kind.Refuse(value);
            return false;
        }

        section = set(section, read);
        mistake = null;
        return true;
    }

    public override bool TryWrite(Utf8JsonWriter writer, string property, TSection section)
    {
        if (get(section) is not { } value)
        {
            return false;
        }

        writer.WritePropertyName(property);
        kind.Write(writer, (TValue)value);
        return true;
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("description", Description);
        kind.WriteSchema(writer);
    }
}

/// <summary>A key whose value is an object of texts under names of the user's choice.</summary>
internal sealed class ConfigMapKey<TSection>(
    string name,
    Func<TSection, IReadOnlyDictionary<string, string>?> get,
    Func<TSection, IReadOnlyDictionary<string, string>, TSection> set,
    string description) : ConfigKey<TSection>(name, description)
{
    public override bool IsMap => true;

    public override bool TryApply(
        ref TSection section, string entry, JsonElement value, bool isText, [NotNullWhen(false)] out string? mistake)
    {
        if (!TextKind.Any.TryRead(value, isText, out var text) || text.Contains('\0') || entry.Length == 0
            || entry.Contains('='))
        {
            mistake = $"must be an object of texts whose names are not empty and hold no '='; {value.GetRawText()} " +
                "is not allowed";
            return false;
        }

        var entries = get(section) is { } before ? new Dictionary<string, string>(before) : [];
        entries[entry] = text;
        section = set(section, entries);
        mistake = null;
        return true;
    }

    public override bool TryWrite(Utf8JsonWriter writer, string property, TSection section)
    {
        if (get(section) is not { Count: > 0 } entries)
        {
            return false;
        }

        writer.WriteStartObject(property);
        foreach (var (key, text) in entries.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteString(key, text);
        }

        writer.WriteEndObject();
        return true;
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("description", Description);
        writer.WriteString("type", "object");
        writer.WriteStartObject("additionalProperties");
        writer.WriteString("type", "string");
        writer.WriteEndObject();
    }
}
