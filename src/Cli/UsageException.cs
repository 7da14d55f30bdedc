namespace Queued.Cli;

/// <summary>The command line asks for something that cannot be; known only once a verb has begun.</summary>
internal sealed class UsageException(string message) : Exception(message);
