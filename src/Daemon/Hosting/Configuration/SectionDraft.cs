using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>A part of the configuration while its sources are put over each other.</summary>
internal interface ISectionDraft
{
    void ReadObject(JsonElement element, string path, string source, List<ConfigMistake> mistakes);

    /// <summary>
    /// One value from the environment or a flag. <paramref name="keys"/>: what stands behind the section's name.
    /// </summary>
    void ReadText(ReadOnlySpan<string> keys, string text, string path, string source, List<ConfigMistake> mistakes);
}

internal sealed class SectionDraft<TSection>(ConfigTable<TSection> table, TSection initial) : ISectionDraft
{
    private TSection _value = initial;

    public TSection Value => _value;

    public void ReadObject(JsonElement element, string path, string source, List<ConfigMistake> mistakes) =>
        ReadObject(element, path, "", source, mistakes);

    public void ReadText(
        ReadOnlySpan<string> keys, string text, string path, string source, List<ConfigMistake> mistakes)
    {
        var name = string.Join('.', keys.ToArray()).ToLowerInvariant();
        var entry = "";
        var key = table.Find(name);
        if (key is null && keys.Length > 1 && table.Find(keys[0].ToLowerInvariant()) is { IsMap: true } map)
        {
            key = map;
            entry = string.Join('.', keys[1..].ToArray());
        }

        if (key is null)
        {
            mistakes.Add(Unknown(path, name, table.Keys.Select(known => known.Name), source));
        }
        else
        {
            Apply(key, entry, ConfigText.ToElement(text), isText: true, path, source, mistakes);
        }
    }

    public static ConfigMistake Unknown(string path, string name, IEnumerable<string> known, string source)
    {
        var names = known.ToList();
        return new(path, NearestName.Find(name, names) is { } nearest
            ? $"there is no such key; did you mean \"{nearest}\"?"
            : $"there is no such key; there are {string.Join(", ", names)}", source);
    }

    private void ReadObject(
        JsonElement element, string path, string prefix, string source, List<ConfigMistake> mistakes)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            mistakes.Add(new(path, $"{element.GetRawText()} is not allowed; must be an object", source));
            return;
        }

        var seen = new HashSet<string>();
        foreach (var (member, value) in ConfigText.Members(element, path, source, mistakes))
        {
            var memberPath = $"{path}.{member}";
            var name = prefix + member;
            if (!seen.Add(member))
            {
                mistakes.Add(new(memberPath, "is given twice", source));
            }
            else if (table.Find(name) is { } key)
            {
                ApplyProperty(key, value, memberPath, source, mistakes);
            }
            else if (table.HasGroup(name + "."))
            {
                ReadObject(value, memberPath, name + ".", source, mistakes);
            }
            else
            {
                mistakes.Add(Unknown(memberPath, member, table.NamesIn(prefix), source));
            }
        }
    }

    private void ApplyProperty(
        ConfigKey<TSection> key, JsonElement value, string path, string source, List<ConfigMistake> mistakes)
    {
        if (!key.IsMap || value.ValueKind != JsonValueKind.Object)
        {
            Apply(key, "", value, isText: false, path, source, mistakes);
            return;
        }

        foreach (var (entry, text) in ConfigText.Members(value, path, source, mistakes))
        {
            Apply(key, entry, text, isText: false, $"{path}.{entry}", source, mistakes);
        }
    }

    private void Apply(
        ConfigKey<TSection> key, string entry, JsonElement value, bool isText, string path, string source,
        List<ConfigMistake> mistakes)
    {
        if (!key.TryApply(ref _value, entry, value, isText, out var mistake))
        {
            mistakes.Add(new(path, mistake, source));
        }
    }
}

/// <summary>The queues, or the pools: sections of one kind under names of the user's choice.</summary>
internal sealed class NamedDraft<TSection>(ConfigTable<TSection> table, Func<string, TSection> create) : ISectionDraft
{
    private readonly Dictionary<string, (SectionDraft<TSection> Draft, string Source)> _sections = [];

    public IEnumerable<(string Name, TSection Value, string Source)> Sections =>
        _sections.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, pair.Value.Draft.Value, pair.Value.Source));

    public void ReadObject(JsonElement element, string path, string source, List<ConfigMistake> mistakes)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            mistakes.Add(new(path, $"{element.GetRawText()} is not allowed; must be an object of names", source));
            return;
        }

        var seen = new HashSet<string>();
        foreach (var (name, value) in ConfigText.Members(element, path, source, mistakes))
        {
            var sectionPath = $"{path}.{name}";
            if (!seen.Add(name))
            {
                mistakes.Add(new(sectionPath, "is given twice", source));
                continue;
            }

            // Whatever it is called, what is wrong inside is told too.
            CheckName(name, sectionPath, source, mistakes);
            Section(name, source).ReadObject(value, sectionPath, source, mistakes);
        }
    }

    public void ReadText(
        ReadOnlySpan<string> keys, string text, string path, string source, List<ConfigMistake> mistakes)
    {
        if (keys.Length < 2)
        {
            mistakes.Add(new(path, "is not a key; a name and a key must follow", source));
            return;
        }

        var name = Known(keys[0]);
        CheckName(name, path, source, mistakes);
        Section(name, source).ReadText(keys[1..], text, path, source, mistakes);
    }

    // Environment variables are upper case by custom; a name that is known is meant, else the lower case one.
    private string Known(string name) =>
        _sections.ContainsKey(name)
            ? name
            : _sections.Keys.FirstOrDefault(key => string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                ?? ConfigText.WithoutShouting(name);

    private static void CheckName(string name, string path, string source, List<ConfigMistake> mistakes)
    {
        if (!TextKind.IsName(name))
        {
            mistakes.Add(new(path, $"\"{name}\" is not allowed; must be {TextKind.Name.Allowed}", source));
        }
    }

    private SectionDraft<TSection> Section(string name, string source)
    {
        if (!_sections.TryGetValue(name, out var section))
        {
            section = (new SectionDraft<TSection>(table, create(name)), source);
            _sections.Add(name, section);
        }

        return section.Draft;
    }
}
