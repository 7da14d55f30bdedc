namespace Queued.Daemon.Hosting.Configuration;

/// <summary>The keys of one kind of section.</summary>
internal sealed class ConfigTable<TSection>(params ConfigKey<TSection>[] keys)
{
    public IReadOnlyList<ConfigKey<TSection>> Keys { get; } = keys;

    public ConfigKey<TSection>? Find(string name) => Keys.FirstOrDefault(key => key.Name == name);

    /// <summary>Whether keys lie in an inner object of this name; <paramref name="prefix"/> ends with a dot.</summary>
    public bool HasGroup(string prefix) => Keys.Any(key => key.Name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Names that stand right behind the prefix.</summary>
    public IEnumerable<string> NamesIn(string prefix) => Keys
        .Where(key => key.Name.StartsWith(prefix, StringComparison.Ordinal))
        .Select(key => key.Name[prefix.Length..].Split('.')[0])
        .Distinct();
}
