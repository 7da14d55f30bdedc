using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>
/// A kind of value: how it is read, written and described. Text from the environment and from flags may stand for a
/// number or a switch; in a file it may not.
/// </summary>
internal abstract class ConfigKind<T>
{
    /// <summary>What is allowed, to stand after "must be".</summary>
    public abstract string Allowed { get; }

    /// <summary>False: the value is not of this kind, or out of range.</summary>
    public abstract bool TryRead(JsonElement element, bool isText, out T value);

    public abstract void Write(Utf8JsonWriter writer, T value);

    /// <summary>Members of a JSON schema object that describe the kind.</summary>
    public abstract void WriteSchema(Utf8JsonWriter writer);

    /// <summary>Why the value was not read. Kinds that know more than what is allowed say it here.</summary>
    public virtual string Refuse(JsonElement element) => $"{Shown(element)} is not allowed; must be {Allowed}";

    protected static string Shown(JsonElement element)
    {
        const int LengthMax = 120;
        var text = element.GetRawText();
        return text.Length <= LengthMax ? text : string.Concat(text.AsSpan(0, LengthMax), "…");
    }

    protected static bool TryText(JsonElement element, out string text) => ConfigText.TryText(element, out text);
}
