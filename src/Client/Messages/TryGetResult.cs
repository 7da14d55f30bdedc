namespace Queued.Client;

/// <summary>What came of a get that may come back with nothing.</summary>
/// <typeparam name="T">Type of the messages.</typeparam>
/// <param name="HasValue">There was a message in time.</param>
/// <param name="Value">The message; the default where there was none.</param>
public readonly record struct TryGetResult<T>(bool HasValue, T? Value);
